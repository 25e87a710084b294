"""The part of a reply that stays in the transcript: the model must not meet its own inventions as facts."""

from agents.runtime.parsing.cleaning import clean
from agents.runtime.parsing.labels import REACT, Labels
from agents.runtime.parsing.sections import Section, split
from agents.runtime.parsing.tool_names import names_nothing
from agents.runtime.text import first_line

INVENTED = ("observation", "intermediate_answer", "human")


def up_to_action(text: str, labels: Labels = REACT) -> str:
    """The model's own words up to and including the input of its first action."""
    cleaned, _ = clean(text, labels)
    sections = split(cleaned, labels)
    return own_words(cleaned, sections, _end_of_action(sections))


def own_words(text: str, sections: list[Section], end: int | None) -> str:
    """What the model said before `end`, or else before it went on from something that it was never told."""
    kept: list[str] = []
    for index, section in enumerate(sections):
        stop = sections[index + 1].start if index + 1 < len(sections) else len(text)
        if section.label in INVENTED:
            if kept and end is None:
                break
        elif end is None or section.start < end:
            kept.append(text[section.start : stop if end is None else min(stop, end)])
    return "".join(kept).strip()


def _end_of_action(sections: list[Section]) -> int | None:
    for index, section in enumerate(sections):
        if section.label == "action" and not names_nothing(first_line(section.text)):
            has_input = index + 1 < len(sections) and sections[index + 1].label == "action_input"
            rest = sections[index + (2 if has_input else 1) :]
            return rest[0].start if rest else None
    return None


def before_actions(text: str, labels: Labels = REACT) -> str:
    """What is said before a reply turns to actions, without labels: for an answer that was asked for as plain text.

    A thought about what to do next is none.
    """
    cleaned, _ = clean(text, labels)
    said: list[Section] = []
    for section in split(cleaned, labels):
        if section.label in ("action", "action_input", "observation", "question", "human"):
            said = [earlier for earlier in said if earlier.label != "thought"]
            break
        if section.label == "final_answer" and section.text.strip():
            said = []
        said.append(section)
    return "\n\n".join(text for section in said if (text := section.text.strip()))
