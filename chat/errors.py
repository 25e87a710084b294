"""What can be wrong with a command: refused at the edge, with a code for programs and a sentence for people."""


class CommandError(Exception):
    """A command can't be carried out; nothing was changed."""

    def __init__(self, code: str, detail: str, *, status: int = 400) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = status


def not_found(what: str = "conversation") -> CommandError:
    return CommandError("not_found", f"There is no such {what}, or it isn't yours.", status=404)
