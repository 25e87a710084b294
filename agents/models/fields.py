"""JSON whose order matters."""

import json
from typing import Any

from django.db import models


class OrderedJSONField(models.TextField):
    """JSON kept as text on every database: PostgreSQL's jsonb reorders keys, and order changes what a model sees."""

    description = "JSON in its written order"

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        """The value itself: a string is a string here, not the text of some JSON. Forms parse what people type."""
        return value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""
