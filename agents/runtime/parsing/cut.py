"""The part of a reply that stays in the transcript: the model must not meet its own inventions as facts."""

from agents.runtime.parsing.cleaning import clean
from agents.runtime.parsing.sections import split
from agents.runtime.parsing.tool_names import means_no_tool


def up_to_action(text: str) -> str:
    """The model's own words up to and including the input of its first action."""
    cleaned, _ = clean(text)
    sections = split(cleaned)
    for index, section in enumerate(sections):
        if section.label == "action" and not means_no_tool(section.text):
            has_input = index + 1 < len(sections) and sections[index + 1].label == "action_input"
            rest = sections[index + (2 if has_input else 1) :]
            return cleaned[: rest[0].start if rest else len(cleaned)].strip()
    return cleaned.strip()


def before_actions(text: str) -> str:
    """What is said before a reply turns to actions, without labels: for an answer that was asked for as plain text."""
    cleaned, _ = clean(text)
    said: list[str] = []
    for section in split(cleaned):
        if section.label in ("action", "action_input", "observation", "question"):
            break
        if section.label == "final_answer" and section.text.strip():
            said = []
        said.append(section.text.strip())
    return "\n\n".join(text for text in said if text)
