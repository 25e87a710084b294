"""Numbers of things in sentences."""


def counted(number: int, thing: str, *, bare: bool = False) -> str:
    """`12 turns`, `1 turn`; `bare` leaves out a 1, as in "the first message"."""
    if number == 1:
        return thing if bare else f"1 {thing}"
    return f"{number:,} {thing}s"
