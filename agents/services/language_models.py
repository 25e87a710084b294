"""What is known of a language model: what staff say, and what its server taught, with the day it did."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.models import LanguageModel
from agents.runtime.providers.lessons import Lesson

LEARNED = "learned"
FORGOTTEN = "forgotten"


def lessons_from(capabilities: Mapping[str, Any]) -> dict[str, Lesson]:
    """The stored lessons of a model."""
    return {
        name: Lesson(stored["value"], date.fromisoformat(stored["date"]))
        for name, stored in capabilities.get(LEARNED, {}).items()
    }


@transaction.atomic
def keep_lessons(model_id: int, lessons: Mapping[str, Lesson]) -> None:
    """Add what was learned. A model that is gone by now needs none."""
    model = LanguageModel.objects.select_for_update().filter(pk=model_id).first()
    if model is None:
        return
    new = {name: {"value": lesson.value, "date": lesson.learned_on.isoformat()} for name, lesson in lessons.items()}
    model.capabilities = {**model.capabilities, LEARNED: {**model.capabilities.get(LEARNED, {}), **new}}
    model.save(update_fields=["capabilities"])


@transaction.atomic
def forget_lessons(model_id: int) -> None:
    """Everything that its server taught is to be found out anew; every process hears of it with its next call."""
    model = LanguageModel.objects.select_for_update().get(pk=model_id)
    model.capabilities = without_lessons(model.capabilities)
    model.save(update_fields=["capabilities"])


def without_lessons(capabilities: Mapping[str, Any]) -> dict[str, Any]:
    """What staff said alone, and when the rest was forgotten."""
    kept = {name: value for name, value in capabilities.items() if name != LEARNED}
    return {**kept, FORGOTTEN: timezone.now().isoformat()}


def without_lesson(capabilities: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Without what was learned of one thing: staff have said it themselves."""
    learned = {known: stored for known, stored in capabilities.get(LEARNED, {}).items() if known != name}
    return {**capabilities, LEARNED: learned} if LEARNED in capabilities else dict(capabilities)


def said_with(capabilities: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The capabilities with what staff say of them now: None leaves one to what is found out."""
    decided = {name: value for name, value in said.items() if value is not None}
    kept = {name: value for name, value in capabilities.items() if name not in said}
    return {**kept, **decided}
