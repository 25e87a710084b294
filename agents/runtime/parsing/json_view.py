"""JSON on its way to the screen, laid out as people read it: for display alone, nothing is decided by it."""

INDENT = "  "
DEEPEST = 40  # levels that are indented: what is nested deeper would be mostly white space
OPENING, CLOSING = "{[", "}]"


class JsonView:
    """Feed it a reply; it gives the first object or list in it, a line for each entry, as far as it has come.

    What stands around it (prose, a fence) is left out. Of a well-formed value the whole is what `json.dumps` with an
    indentation of two writes, except that escapes stay as the model wrote them.
    """

    def __init__(self) -> None:
        self._open: list[str] = []
        self._over = False
        self._in_string = False
        self._skip = False
        self._is_empty = False

    def feed(self, text: str) -> str:
        return "".join(self._character(character) for character in text)

    def _character(self, character: str) -> str:
        if self._over or (not self._open and character not in OPENING):
            return ""
        if self._in_string:
            return self._string(character)
        if character.isspace():
            return ""
        if character in CLOSING:
            return self._close(character)
        begin = self._new_line() if self._is_empty else ""
        self._is_empty = False
        return begin + self._between(character)

    def _string(self, character: str) -> str:
        if self._skip:
            self._skip = False
        elif character == "\\":
            self._skip = True
        elif character == '"':
            self._in_string = False
        return character

    def _between(self, character: str) -> str:
        if character in OPENING:
            self._open.append(character)
            self._is_empty = True
        elif character == ",":
            return f",{self._new_line()}"
        elif character == ":":
            return ": "
        elif character == '"':
            self._in_string = True
        return character

    def _close(self, character: str) -> str:
        self._open.pop()
        was_empty, self._is_empty = self._is_empty, False
        self._over = not self._open
        return character if was_empty else f"{self._new_line()}{character}"

    def _new_line(self) -> str:
        return "\n" + INDENT * min(len(self._open), DEEPEST)
