"""Lists and figures of the admin are read by an index, however much there is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from agents.models import Evaluation, ModelCall, ToolCall, Trace

WEEK = timezone.now() - timedelta(days=7)


def plan(rows):
    """How the database would go about it. PostgreSQL reads small tables as a whole unless it is told not to."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    return rows.explain()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "index"),
    [
        (lambda: Evaluation.objects.order_by("-created_at", "-pk")[:50], "evaluations_by_age"),
        (lambda: Evaluation.objects.unfinished().order_by("created_at"), "evaluations_under_way"),
        (lambda: Trace.objects.order_by("-created_at", "-pk")[:50], "traces_by_age"),
        (lambda: Trace.objects.exclude(kind="run").order_by("-created_at", "-pk")[:50], "traces_outside_the_chat"),
        (lambda: ModelCall.objects.filter(created_at__gte=WEEK).order_by(), "model_calls_by_age"),
        (lambda: ToolCall.objects.exclude(error="").order_by("trace_id"), "tool_calls_that_failed"),
    ],
)
def test_an_index_leads_to(rows, index):
    way = plan(rows())

    assert index in way
    assert "TEMP B-TREE" not in way
