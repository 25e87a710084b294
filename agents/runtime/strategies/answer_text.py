"""The answer of a reply as people read it."""

import re

from agents.runtime.answers import Extraction, OutputSpec
from agents.runtime.parsing.thinking import without_thinking

MARKS = r"[ \t>#*_`]*"


def answer_text(reply: str, extraction: Extraction, spec: OutputSpec) -> str:
    """A value as the reply spells it; free text whole, from behind its answer line's label where it has one."""
    said = without_thinking(reply).strip()
    if spec.kind != "text" or spec.extract.mode not in ("auto", "after"):
        return extraction.shown if extraction.value is not None else said
    word = re.escape(spec.answer_label.rstrip(":： \t"))
    label = re.compile(rf"^{MARKS}{word}[*_`]*[ \t]*[:：]{MARKS}", re.IGNORECASE | re.MULTILINE)
    last = max((match.end() for match in label.finditer(said)), default=0)
    return said[last:].strip() or said
