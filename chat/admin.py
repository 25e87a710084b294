"""The conversation log: what was said, and what every answer was made of. Read-only, and reading is recorded."""

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Prefetch, Q, Subquery, Sum
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.utils.html import format_html

from agents.admin.base import ParleyAdmin, moment
from agents.admin.site import site
from agents.admin.traces import timeline, totals
from agents.admin.wording import ending
from agents.models import ModelCall, ToolCall, Trace
from chat.models import Conversation, Message, Run

REVIEW = "chat.review_conversations"
WORDS = 90
TURNS_A_PAGE = 20
TROUBLE = Q(state="failed") | Q(state="succeeded") & ~Q(stop_reason__in=("", "finished"))
# A search without hits is an answer. The first condition is the one of the index.
FAILED_TOOL = Q(trace__in=ToolCall.objects.exclude(error="").exclude(error="not_found").values("trace"))


class HasErrors(admin.SimpleListFilter):
    """Answers that failed or were stopped at a limit, and tools that failed on the way."""

    title = "errors"
    parameter_name = "errors"

    def lookups(self, request, model_admin):
        return [("yes", "With errors")]

    def queryset(self, request, queryset):
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=Run.objects.filter(TROUBLE | FAILED_TOOL).values("conversation"))


@admin.register(Conversation, site=site)
class ConversationAdmin(ParleyAdmin):
    list_display = ("beginning", "owner", "agent", "turns", "tokens_used", "errors_seen", moment("updated_at", "when"))
    list_select_related = ("owner", "agent")
    list_filter = (HasErrors, "agent", "source", "updated_at")
    search_fields = ("title", "owner__username", "messages__content")
    date_hierarchy = None
    empty_title = "Nobody has talked yet"
    empty_text = "Every conversation is kept here with the full trace of each answer. Open the chat and say something."

    def has_module_permission(self, request):
        return request.user.has_perm(REVIEW)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(REVIEW)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        first = Message.objects.filter(conversation=OuterRef("pk"), role="user").order_by("created_at")
        calls = ModelCall.objects.filter(trace__run__conversation=OuterRef("pk")).order_by()
        tokens = calls.values("trace__run__conversation").annotate(n=Sum("input_tokens") + Sum("output_tokens"))
        runs = Run.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
        counted = runs.annotate(n=Count("pk"), failed=Count("pk", filter=TROUBLE | FAILED_TOOL))
        return (
            super()
            .get_queryset(request)
            .annotate(
                first_words=Subquery(first.values("content")[:1]),
                tokens=Subquery(tokens.values("n")[:1]),
                answers=Subquery(counted.values("n")[:1]),
                failed=Subquery(counted.values("failed")[:1]),
            )
        )

    @admin.display(description="begins with")
    def beginning(self, conversation):
        text = " ".join((conversation.first_words or str(conversation)).split())
        return text[:WORDS] + ("…" if len(text) > WORDS else "")

    @admin.display(description="answers", ordering="answers")
    def turns(self, conversation):
        return format_html('<span class="num">{}</span>', conversation.answers or 0)

    @admin.display(description="tokens", ordering="tokens")
    def tokens_used(self, conversation):
        return format_html('<span class="num">{}</span>', f"{conversation.tokens or 0:,}")

    @admin.display(description="errors", ordering="failed")
    def errors_seen(self, conversation):
        if not conversation.failed:
            return ""
        return format_html('<span class="status is-failed">{}</span>', conversation.failed)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not request.user.has_perm(REVIEW):
            raise PermissionDenied
        conversation = self.get_object(request, object_id)  # None also for what is no id at all
        if conversation is None:
            raise Http404
        if conversation.owner_id != request.user.pk:
            record_reading(request, conversation)
        context = self.page_context(
            request,
            title=str(conversation),
            conversation=conversation,
            page=_turns(conversation, request.GET.get("page")),
            readings=_readings(conversation),
        )
        return render(request, "admin/chat/conversation/page.html", context)


def record_reading(request: HttpRequest, conversation: Conversation) -> None:
    """Whoever reads what others said leaves a trace of it."""
    LogEntry.objects.create(
        user=request.user,
        content_type=ContentType.objects.get_for_model(Conversation),
        object_id=str(conversation.pk),
        object_repr=f"conversation of {conversation.owner}"[:200],
        action_flag=CHANGE,
        change_message="Read in the conversation log.",
    )


def _readings(conversation: Conversation):
    content_type = ContentType.objects.get_for_model(Conversation)
    read = LogEntry.objects.filter(content_type=content_type, object_id=str(conversation.pk))
    return read.select_related("user").order_by("-action_time")[:20]


def _turns(conversation: Conversation, number: str | None) -> Page:
    """Messages in the order they were said, each answer with its runs; edits and retries are marked as siblings.

    By pages, as every answer brings along all that its model was ever sent.
    """
    traces = Prefetch(
        "trace",
        Trace.objects.select_related("prompt_version__prompt").prefetch_related("steps", "model_calls", "tool_calls"),
    )
    runs = Prefetch("runs", Run.objects.order_by("created_at").prefetch_related(traces))
    messages = conversation.messages.order_by("created_at", "pk")
    page = Paginator(messages.prefetch_related(runs), TURNS_A_PAGE).get_page(number)
    siblings: dict[object, list] = {}
    for key, parent, role in messages.values_list("pk", "parent", "role"):
        siblings.setdefault((parent, role), []).append(key)
    page.object_list = [_turn(message, siblings[message.parent_id, message.role]) for message in page]
    return page


def _turn(message: Message, siblings: list) -> dict:
    runs = [
        {
            "run": run,
            "trace": run.trace,
            "ending": ending(run.state, run.stop_reason),
            "timeline": timeline(run.trace),
            "totals": totals(run.trace),
        }
        for run in message.runs.all()
    ]
    place = f"{siblings.index(message.pk) + 1} of {len(siblings)}" if len(siblings) > 1 else ""
    return {"message": message, "runs": runs, "place": place}
