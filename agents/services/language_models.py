"""What is known of a language model: what staff say, and what its server taught, with the day it did."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from agents.models import LanguageModel
from agents.runtime.providers.lessons import Lesson

LEARNED = "learned"


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


def said_with(capabilities: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """The capabilities with what staff say of them now: None leaves one to what is found out."""
    decided = {name: value for name, value in said.items() if value is not None}
    kept = {name: value for name, value in capabilities.items() if name not in said}
    return {**kept, **decided}
