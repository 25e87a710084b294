"""How a run ends at a limit: one last call for the best answer so far, or else a sentence that says what happened."""

from collections.abc import Sequence

from agents.runtime.events import StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import Message, Request
from agents.runtime.parsing.cut import before_actions

LAST_CALL_TOKENS = 512
# Short beside the run it ends, but a slow model may need a while to its first word.
LAST_CALL_S = 15
LAST_CALL_SHARE = 0.1
FIRST_OF_OBSERVATION = 300
ASK = (
    "Stop here and use no more tools. Answer the question as well as you can from what was found so far, in plain "
    "text without labels, and say what is missing."
)


def notice_of(reason: StopReason, limits: Limits) -> str:
    words = {
        "max_steps": f"step limit ({limits.max_steps})",
        "timeout": f"time limit ({limits.timeout_s:g} s)",
        "token_budget": f"token limit ({limits.max_total_tokens:,})" if limits.max_total_tokens else "token limit",
        "loop": "the same step was repeated",
        "format_errors": "the model didn't keep to the format",
    }
    return f"Stopped: {words.get(reason, reason)}."


def last_request(request: Request, messages: Sequence[Message]) -> Request:
    """The transcript and one more sentence, joined to the last observation: some models refuse two user turns."""
    *earlier, last = messages
    asked = [Message("user", f"{last.content}\n\n{ASK}")] if last.role == "user" else [last, Message("user", ASK)]
    return Request((*earlier, *asked), request.parameters, LAST_CALL_TOKENS)


def last_call_s(limits: Limits) -> float:
    return max(LAST_CALL_S, limits.timeout_s * LAST_CALL_SHARE)


def usable(text: str) -> str:
    return before_actions(text).strip()


def fixed_answer(reason: StopReason, limits: Limits, observation: str) -> str:
    after = {
        "max_steps": f"after {limits.max_steps} steps",
        "timeout": f"after {limits.timeout_s:g} seconds",
        "loop": "because I was repeating myself",
    }.get(reason, "early")
    answer = f"I stopped {after} without a complete answer."
    if not observation:
        return answer
    cut = observation[:FIRST_OF_OBSERVATION] + ("…" if len(observation) > FIRST_OF_OBSERVATION else "")
    return f"{answer} The last thing I found:\n\n{cut}"
