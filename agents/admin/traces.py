"""Traces of evaluations and of the playground; those of conversations are in the conversation log, audited."""

from django.contrib import admin
from django.shortcuts import get_object_or_404, render

from agents.admin.addresses import uuid_in
from agents.admin.base import ParleyAdmin, moment, require
from agents.admin.site import site
from agents.admin.wording import ending
from agents.models import Step, Trace

MOST_DEPTH = 4


def with_calls(queryset):
    """Everything that the trace partial shows, in three queries whatever the number of traces."""
    return queryset.select_related("prompt_version__prompt").prefetch_related("steps", "model_calls", "tool_calls")


def timeline(trace: Trace) -> list[dict]:
    """The steps with the calls that were made in them. Calls of no known step come last.

    A step of which nothing stayed isn't shown: an answer that turned out to be a thought is told there.
    """
    steps = {step.number: {"step": step, "model_calls": [], "tool_calls": []} for step in trace.steps.all()}
    rest = {"step": None, "model_calls": [], "tool_calls": []}
    for call in trace.model_calls.all():
        steps.get(call.step, rest)["model_calls"].append(call)
    for call in trace.tool_calls.all():
        steps.get(call.step, rest)["tool_calls"].append(call)
    for entry in steps.values():
        entry["depth"] = _depth(entry["step"], steps)
        entry["title"] = _title(entry["step"])
    parents = {step.parent for step in trace.steps.all()}
    shown = [entry for entry in steps.values() if _says_something(entry) or entry["step"].number in parents]
    return [*shown, *([rest] if rest["model_calls"] or rest["tool_calls"] else [])]


def _says_something(entry: dict) -> bool:
    return bool(entry["step"].text.strip() or entry["model_calls"] or entry["tool_calls"])


def _depth(step: Step, steps: dict[int, dict]) -> int:
    """How far a step is indented: an action's result stands beneath it, what is within another step is shifted."""
    depth, parent = 0, steps.get(step.parent)
    while parent is not None and depth < MOST_DEPTH:
        above = parent["step"]
        depth += step.kind != "observation" or above.kind != "action"
        step, parent = above, steps.get(above.parent)
    return depth


def _title(step: Step) -> str:
    """What a step is called that only gathers others."""
    return step.text.strip() if step.kind == "plan" and "\n" not in step.text.strip() else ""


def totals(trace: Trace) -> dict:
    calls = list(trace.model_calls.all())
    costs = [call.cost for call in calls if call.cost is not None]
    return {
        "calls": len(calls),
        "input": sum(call.input_tokens for call in calls),
        "cached": sum(call.cached_tokens for call in calls),
        "output": sum(call.output_tokens for call in calls),
        "ms": sum(call.duration_ms for call in calls),
        "cost": sum(costs) if costs else None,
        "estimated": any(call.estimated for call in calls),
    }


@admin.register(Trace, site=site)
class TraceAdmin(ParleyAdmin):
    list_display = (moment("created_at", "when"), "kind", "prompt_version", "status", "stop_reason")
    list_filter = ("kind", "status")
    list_select_related = ("prompt_version__prompt",)
    empty_title = "No traces yet"
    empty_text = "Every trial of an evaluation and every try of a prompt leaves one here."

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(kind=Trace.Kind.RUN)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        require(request, "agents.view_trace")
        found = with_calls(self.get_queryset(request)).select_related("trial__evaluation")
        trace = get_object_or_404(found, pk=uuid_in(object_id))
        context = self.page_context(
            request,
            title="Trace",
            trace=trace,
            ending=ending(trace.status, trace.stop_reason),
            trial=getattr(trace, "trial", None),
            timeline=timeline(trace),
            totals=totals(trace),
        )
        return render(request, "admin/agents/trace/page.html", context)
