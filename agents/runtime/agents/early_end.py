"""How a run ends at a limit: one last call for the best answer so far, or else a sentence that says what happened."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.budget import LimitReached, now
from agents.runtime.errors import ModelError
from agents.runtime.events import AnyEvent, ModelCalled, Notice, StopReason
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, Request
from agents.runtime.model_call import ModelCall
from agents.runtime.outcomes import broken_off, outcome_of_end
from agents.runtime.steps import Timeline

LAST_CALL_TOKENS = 512
# Short beside the run it ends, but a slow model may need a while to its first word.
LAST_CALL_S = 15
LAST_CALL_SHARE = 0.1
FIRST_OF_OBSERVATION = 300
ASK = (
    "Stop here and use no more tools. Answer the question as well as you can from what was found so far, in plain "
    "text without labels, and say what is missing."
)


class LastCall:
    """One more call, outside of the budget, with a time limit of its own. `call` has what came, whole or not.

    `request` is what asks for the last word: `last_request`, or what a type of agent makes of it.
    """

    def __init__(self, llm: LLM, request: Request, limits: Limits) -> None:
        last_call_s = max(LAST_CALL_S, limits.timeout_s * LAST_CALL_SHARE)
        self.call = ModelCall(llm, request, deadline=now() + last_call_s)
        self._broken_off = ""

    @property
    def text(self) -> str:
        return self.call.text

    @property
    def finish_reason(self) -> str:
        return "truncated" if self._broken_off else self.call.finish_reason

    async def events(self, timeline: Timeline) -> AsyncGenerator[AnyEvent]:
        """Nothing of its text is shown while it comes, as it may yet turn out to be another action."""
        timeline.asked()
        yield self.call.announced(timeline.next)
        try:
            async with aclosing(self.call.chunks()) as chunks:
                async for chunk in chunks:
                    if isinstance(chunk, Notice):
                        yield chunk
        except (ModelError, LimitReached) as error:
            # What came until then may be an answer; without it another is found.
            self._broken_off = broken_off(error)

    def record(self, step: int, *, read: str) -> ModelCalled:
        """`read` is the outcome of its text, which counts where the reply came to its end."""
        return self.call.record(step, outcome=self._broken_off or outcome_of_end(self.call) or read)


def last_request(request: Request, ask: str = ASK) -> Request:
    """The transcript and one more sentence, joined to the last observation: some models refuse two user turns.

    The instructions stay as they were, with their format: a changed beginning would cost the server its prompt cache,
    and so a slow one more time than this call has.
    """
    *earlier, last = request.messages
    if last.role == "user":
        messages = (*earlier, replace(last, content=f"{last.content}\n\n{ask}"))
    else:
        messages = (*request.messages, Message("user", ask))
    return replace(request, messages=messages, max_tokens=LAST_CALL_TOKENS, response_format=None)


def cut_off_notice(finish_reason: str) -> Notice:
    """Of an answer that isn't whole: at `length`, or where the stream ended without a word why."""
    if finish_reason == "length":
        return Notice("truncated", "The answer was cut off by the length limit.")
    return Notice("truncated", "The model's server broke the answer off. It may not be whole.")


def notice_of(reason: StopReason, limits: Limits) -> str:
    words = {
        "max_steps": f"step limit ({limits.max_steps})",
        "timeout": f"time limit ({limits.timeout_s:g} s)",
        "token_budget": f"token limit ({limits.max_total_tokens:,})" if limits.max_total_tokens else "token limit",
        "cost_budget": f"cost limit (${limits.max_cost:f})" if limits.max_cost is not None else "cost limit",
        "loop": "the same step was repeated",
        "format_errors": "the model didn't keep to the format",
    }
    return f"Stopped: {words.get(reason, reason)}."


def fixed_answer(reason: StopReason, limits: Limits, observation: str) -> str:
    """What happened in a sentence, and the beginning of what was found last."""
    after = {
        "max_steps": f"after {_counted(limits.max_steps, 'step')}",
        "timeout": f"after {limits.timeout_s:g} seconds",
        "token_budget": "at the token limit",
        "cost_budget": "at the cost limit",
        "loop": "because I was repeating myself",
    }.get(reason, "early")
    answer = f"I stopped {after} without a complete answer."
    if not observation:
        return answer
    cut = observation[:FIRST_OF_OBSERVATION] + ("…" if len(observation) > FIRST_OF_OBSERVATION else "")
    return f"{answer} The last thing I found:\n\n{cut}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
