"""Decompose, then solve in order with the earlier answers at hand (Zhou et al. 2022, arXiv 2205.10625 §2)."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.answers import NO_ANSWER, Reading, read_reply
from agents.runtime.events import AnyEvent, Event, Notice
from agents.runtime.llm import Message
from agents.runtime.parsing.thinking import without_thinking
from agents.runtime.strategies import direct
from agents.runtime.strategies.answer_text import answer_text
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.asking_again import ask_again
from agents.runtime.strategies.decomposition import decomposing, response_format, subquestions_in
from agents.runtime.strategies.self_consistency import reasoning
from agents.runtime.strategies.step_views import Unseen, step_beside
from agents.runtime.strategies.work import Work

PLAN_TOKENS = 400
UNKNOWN = "unknown"
LAST = (
    "Now the question of the whole problem: {question} Calculate it from the problem's numbers and the answers above."
)


async def run(work: Work) -> AsyncGenerator[AnyEvent]:
    """A problem that isn't decomposed is answered by a plain chain of thought.

    Raises ModelError, or LimitReached when a bound of the run is met: an answer to a part is no answer.
    """
    planning = _Planning(work)
    async with aclosing(planning.events()) as events:
        async for event in events:
            yield event
    if work.outline.outcome:  # it declined to
        return
    if not planning.subquestions:
        yield Notice("not_decomposed", "This has no smaller questions; it is answered step by step at once.")
        plain = replace(work, spec=reasoning(work.spec))
        async with aclosing(direct.run(plain)) as events:
            async for event in events:
                yield event
        return
    ladder = _Ladder(work)
    for number, subquestion in enumerate(planning.subquestions, 1):
        async with aclosing(ladder.solve(subquestion, last=number == len(planning.subquestions))) as events:
            async for event in events:
                yield event


class _Planning:
    """The call that decomposes, shown as a plan."""

    def __init__(self, work: Work) -> None:
        self.subquestions: list[str] = []
        self._work = work

    async def events(self) -> AsyncGenerator[AnyEvent]:
        work, most = self._work, self._work.options.max_subquestions
        question = work.messages()[-1].content
        form = response_format(most) if work.llm.capabilities.json_schema else None
        asking = Asking(
            work,
            decomposing(question, most),
            Unseen(work.timeline),
            most=PLAN_TOKENS,
            parameters={"temperature": 0},
            response_format=form,
        )
        async with aclosing(asking.events()) as events:
            async for event in events:
                yield event
        if asking.refused:
            yield asking.recorded("refused")
            work.answered(asking.text, Reading("refused", NO_ANSWER, asking.text), finish_reason=asking.finish_reason)
            for event in work.timeline.whole("answer", asking.text):
                yield event
            return
        self.subquestions = subquestions_in(asking.text, question, most)
        plan = [*self.subquestions[:-1], "The question itself"] if self.subquestions else []
        for event in work.timeline.whole("plan", "\n".join(f"{n}. {part}" for n, part in enumerate(plan, 1))):
            yield event
        yield asking.recorded(asking.unusable or ("parsed" if self.subquestions else "failed"))


class _Ladder:
    """Each sub-question is asked with all earlier ones and their answers before it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        *self._messages, self._question = work.messages(reasoning(work.spec))
        self._solved: list[Message] = []

    async def solve(self, subquestion: str, *, last: bool) -> AsyncGenerator[AnyEvent]:
        """The last one is the question itself: its answer is the answer, asked for again where it has none."""
        work = self._work
        asked = self._asked(LAST.format(question=_last_sentence(subquestion)) if last else subquestion)
        work.budget.check(asked, work.llm.price)
        view, opening = step_beside(work.timeline, "subquestion")
        for shown in (*opening, *work.timeline.write(f"{_last_sentence(subquestion)}\n\n")):
            yield shown
        asking = Asking(work, asked, view)
        async with aclosing(asking.events()) as events:
            async for event in events:
                yield event
        reading = self._read(asking)
        yield asking.recorded(reading.outcome, reading.flags)
        for shown in view.close():
            yield shown
        said = without_thinking(reading.text).strip()
        known = UNKNOWN if asking.unusable else said or UNKNOWN
        self._solved += [Message("user", subquestion), Message("assistant", known)]
        if last:
            async with aclosing(self._concluded(asked, asking, reading)) as events:
                async for event in events:
                    yield event

    async def _concluded(self, asked: Sequence[Message], asking: Asking, reading: Reading) -> AsyncGenerator[AnyEvent]:
        """The answer as it was given, where asking again brings none."""
        work = self._work

        def as_it_came() -> Iterator[Event]:
            text = answer_text(reading.text, reading.extraction, work.spec.output)
            work.answered(text, reading, finish_reason=asking.finish_reason)
            return work.timeline.whole("answer", text)

        if reading.outcome != "failed" or not reading.text.strip():
            for shown in as_it_came():
                yield shown
            return
        async with aclosing(ask_again(work, asked, reading, otherwise=as_it_came)) as events:
            async for event in events:
                yield event

    def _read(self, asking: Asking) -> Reading:
        """What was cut off has no answer: its last number would be a guess."""
        spec = self._work.spec.output
        reading = read_reply(asking.text, spec, finish_reason=asking.finish_reason, refused=asking.refused)
        return replace(reading, outcome=asking.unusable, extraction=NO_ANSWER) if asking.unusable else reading

    def _asked(self, subquestion: str) -> list[Message]:
        """The problem and the first sub-question make one turn: several models refuse two user turns in a row."""
        if not self._solved:
            first = Message("user", f"{self._question.content}\n\n{subquestion}", part="question")
            return [*self._messages, first]
        # All the rest builds on the problem: it must not give way where the window is full.
        opening = Message("user", f"{self._question.content}\n\n{self._solved[0].content}", part="question")
        return [*self._messages, opening, *self._solved[1:], Message("user", subquestion)]


def _last_sentence(subquestion: str) -> str:
    """What a whole problem asks for in the end."""
    sentences = subquestion.strip().replace("\n", " ").rsplit(". ", 1)
    return sentences[-1]
