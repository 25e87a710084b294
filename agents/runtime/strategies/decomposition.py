"""The list of sub-questions in a model's reply, easiest first, ending with the original question (agents.md A.4)."""

import json
import re
from typing import Any, Final

from agents.runtime.answers import closed_object
from agents.runtime.answers.values import normalised
from agents.runtime.llm import Message
from agents.runtime.parsing.json_forms import read_object
from agents.runtime.parsing.thinking import without_thinking

INSTRUCTION: Final = """\
Break the problem into the smaller questions that have to be answered first, easiest first. Don't answer them. Each \
needs one calculation with the problem's numbers and the earlier answers; what the problem says already is not asked. \
The last one is the question of the problem itself. Use as few as possible, at most {most}.
Reply with JSON: {{"subquestions": ["…", "…"]}}"""
# Ours: what a decomposition looks like, in a problem of two steps and in one of three.
EXEMPLARS: Final = (
    (
        "A baker fills 6 trays with 8 rolls each and sells 30 rolls. How many rolls are left?",
        ["How many rolls did the baker make?", "How many rolls are left?"],
    ),
    (
        "Ida has 7 pencils and buys 4 boxes of 12 pencils each. How many pencils has she now?",
        ["How many pencils are in the boxes that Ida buys?", "How many pencils has she now?"],
    ),
    (
        "Nora reads 12 pages a day for 5 days and Tim reads twice as many pages as she does in all. "
        "How many pages do both read together?",
        ["How many pages does Nora read in all?", "How many pages does Tim read?", "How many pages do both read?"],
    ),
)
NUMBERED: Final = re.compile(
    r"^[ \t]*(?:\*\*)?(?:(?:Q|Step |(?:Sub-?)?question )\d{1,2}[.:)]|\d{1,2}[.)]|[-*•])(?:\*\*)?[ \t]+(?P<text>\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)
QUOTED: Final = re.compile(r'"([^"\n]{3,400}\?)"')
LONGEST: Final = 400


def decomposing(question: str, most: int) -> list[Message]:
    """The call that decomposes: instruction, exemplars, problem."""
    messages = [Message("system", INSTRUCTION.format(most=most))]
    for asked, parts in EXEMPLARS:
        answer = json.dumps({"subquestions": parts}, ensure_ascii=False)
        messages += [Message("user", asked), Message("assistant", answer)]
    return [*messages, Message("user", question)]


def response_format(most: int) -> dict[str, Any]:
    items = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": most}
    schema = closed_object({"subquestions": items})
    return {"type": "json_schema", "json_schema": {"name": "subquestions", "strict": True, "schema": schema}}


def subquestions_in(reply: str, question: str, most: int) -> list[str]:
    """Without duplicates, ending with the question; empty where the problem isn't decomposed at all.

    A part that repeats what the problem asks for in its end is the question once more.
    """
    text = without_thinking(reply)
    listed = _from_json(text) or [match["text"] for match in NUMBERED.finditer(text)] or QUOTED.findall(text)
    whole = normalised(question)
    asked: set[str] = set()
    parts: list[str] = []
    for part in (entry.strip(" \"'*") for entry in listed):
        key = normalised(part)
        if key and key not in asked and not whole.endswith(key):
            asked.add(key)
            parts.append(part[:LONGEST])
    if most < 2 or not parts:
        return []
    return [*parts[: most - 1], question]


def _from_json(text: str) -> list[str]:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or (0 <= text.find("[") < start):
        start, end = text.find("["), text.rfind("]")
    given, _ = read_object(text[start : end + 1])
    listed = given.get("subquestions") if isinstance(given, dict) else given
    return [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []
