"""How a chain ends at a limit: one last call that answers from what its steps have given, where it is set up so."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from agents.runtime.agents.early_end import LAST_CALL_TOKENS, LastCall
from agents.runtime.events import AnyEvent
from agents.runtime.limits import Limits
from agents.runtime.llm import LLM, Message, Request
from agents.runtime.observations import neutral
from agents.runtime.outcomes import outcome_of_words
from agents.runtime.parsing.thinking import without_thinking
from agents.runtime.steps import Timeline

MOST_OF_A_VALUE = 2000  # characters
ASK = """\
A piece of work in several steps was stopped before its end.

What it was given:
{given}

What its steps have found:
{found}

Answer as well as you can from this, in plain text, and say what is missing."""


async def last_word(
    llm: LLM, given: Mapping[str, str], found: Mapping[str, str], limits: Limits
) -> AsyncGenerator[AnyEvent]:
    """The events of a run without its end, with an answer where there is one. `given` and `found`: texts by names."""
    asked = ASK.format(given=_listed(given), found=_listed(found))
    timeline = Timeline()
    last = LastCall(llm, Request((Message("user", asked),), {"temperature": 0}, LAST_CALL_TOKENS), limits)
    async with aclosing(last.events(timeline)) as events:
        async for event in events:
            yield event
    answer = without_thinking(last.text).strip()
    if answer:
        for shown in timeline.whole("answer", answer):
            yield shown
    yield last.record(timeline.last, read=outcome_of_words(answer))


def _listed(values: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {neutral(value, most=MOST_OF_A_VALUE)}" for name, value in values.items())
