"""What a tool returned, as the model gets to see it: data that can't be taken for a turn of the conversation."""

import re

from agents.runtime.parsing.labels import REACT, Labels

HEAD, TAIL = 0.7, 0.2
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tabs and line ends
OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def neutral(text: str, *, most: int, labels: Labels = REACT) -> str:
    """Cut to length, without control characters, and with lines that look like labels marked as quotations."""
    plain = OVERRIDES.sub("", CONTROLS.sub(" ", text.replace("\r\n", "\n")))
    lines = clipped(plain.strip(), most=most).split("\n")
    return "\n".join(f"> {line}" if labels.of(line) else line for line in lines)


def clipped(text: str, *, most: int) -> str:
    """The head and the tail of a long text, cut at line ends where there are any nearby."""
    if len(text) <= most:
        return text
    head, tail = text[: int(most * HEAD)], text[-int(most * TAIL) :]
    head = head[: _near_end(head)]
    tail = tail[_near_start(tail) :]
    left_out = len(text) - len(head) - len(tail)
    return f"{head.rstrip()}\n… [{left_out:,} characters left out]\n{tail.lstrip()}"


def _near_end(text: str) -> int:
    at = text.rfind("\n")
    return at if at > len(text) // 2 else len(text)


def _near_start(text: str) -> int:
    at = text.find("\n")
    return at + 1 if 0 <= at < len(text) // 2 else 0
