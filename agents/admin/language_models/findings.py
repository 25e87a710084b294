"""What a server taught beside the abilities that have a field, in sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format

from agents.runtime.providers.lessons import CAPABILITIES, Lesson
from agents.services.language_models import lessons_from

SENTENCES: Mapping[tuple[str, Any], str] = {
    ("max_tokens_param", "max_completion_tokens"): "wants max_completion_tokens instead of max_tokens",
    ("temperature_zero", False): "wants a temperature above 0, so it is asked without one where it would be 0",
    ("stream", False): "sends whole replies instead of streams",
    ("stream_usage", False): "doesn't say what a stream used, so it is estimated",
}
USUAL = (True, "max_tokens")


def findings(capabilities: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing that is out of the usual, in the order in which it was learned."""
    lessons = lessons_from(capabilities)
    return [_sentence(name, lessons[name]) for name in lessons if _is_odd(name, lessons[name])]


def _is_odd(name: str, lesson: Lesson) -> bool:
    return name not in CAPABILITIES and lesson.value not in USUAL


def _sentence(name: str, lesson: Lesson) -> str:
    if name == "context_window":
        said = f"takes {lesson.value:,} tokens"
    else:
        said = SENTENCES.get((name, lesson.value), f"refuses the parameter {name}")
    return f"Since {date_format(lesson.learned_on, 'j M Y')} it {said}."
