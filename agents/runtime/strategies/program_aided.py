"""Program-aided: the model writes a Python function, a sandbox runs it, its value is the answer.

PAL: Gao et al. 2022, arXiv 2211.10435 §3. The program is shown as an action, its value as the observation.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from agents.runtime.answers import NO_ANSWER, Outcome, Reading, extract
from agents.runtime.answers.instruction import form_of
from agents.runtime.answers.spec import Extract
from agents.runtime.budget import LimitReached, now
from agents.runtime.events import AnyEvent, Notice, ToolCalled, ToolFinished
from agents.runtime.llm import Message
from agents.runtime.programs import Interpreter, ProgramResult, program_in, shown
from agents.runtime.prompts import PromptSpec
from agents.runtime.strategies import direct
from agents.runtime.strategies.asking import Asking
from agents.runtime.strategies.self_consistency import reasoning
from agents.runtime.strategies.step_views import StepView, step_beside
from agents.runtime.strategies.work import Work

TOOL: Final = "Python"
PROGRAM_TOKENS: Final = 512
INSTRUCTION: Final = """\
Write one Python function solution() without arguments that computes the answer and returns it. Name the variables by \
what they mean, one line for each fact of the problem. Only the standard modules math, datetime and decimal. No input, \
no printing. Reply with one fenced block of code and nothing else."""
# Ours: one with plain arithmetic, one with a rate and a remainder.
EXEMPLARS: Final = (
    (
        "A shop has 48 apples. It sells 3 boxes of 9 apples and throws 5 bad ones away. How many apples are left?",
        """def solution():
    apples = 48
    sold = 3 * 9
    thrown_away = 5
    return apples - sold - thrown_away""",
    ),
    (
        "Lena earns $14 an hour and works 6 hours a day, 5 days a week. She spends 40% of it. "
        "How much does she save in 4 weeks?",
        """def solution():
    earned_a_week = 14 * 6 * 5
    earned = earned_a_week * 4
    share_saved = 1 - 0.40
    return earned * share_saved""",
    ),
)


async def run(work: Work) -> AsyncGenerator[AnyEvent]:
    """A program that fails is written again; when none works, a chain of thought answers, and that is said.

    Raises ModelError, or LimitReached when a bound of the run is met.
    """
    if work.interpreter is None:
        async with aclosing(_reasoned(work, "Programs can't be run here")) as events:
            async for event in events:
                yield event
        return
    programming = _Programming(work, work.interpreter)
    for _ in range(1 + work.options.repairs):
        async with aclosing(programming.attempt()) as events:
            async for event in events:
                yield event
        if work.outline.outcome:
            return
    async with aclosing(_reasoned(work, "No program worked")) as events:
        async for event in events:
            yield event


async def _reasoned(work: Work, why: str) -> AsyncGenerator[AnyEvent]:
    yield Notice("no_program", f"{why}, so this is answered step by step instead.")
    work.outline.flags.add("no_program")
    async with aclosing(direct.run(replace(work, spec=reasoning(work.spec)))) as events:
        async for event in events:
            yield event


class _Programming:
    """The conversation about the program: written, run, and written again after a failure."""

    def __init__(self, work: Work, interpreter: Interpreter) -> None:
        self._work = work
        self._interpreter = interpreter
        self._messages = asking_for_a_program(work.spec, work.messages)
        self._attempts = 0

    async def attempt(self) -> AsyncGenerator[AnyEvent]:
        work = self._work
        work.budget.check(self._messages, work.llm.price)
        self._attempts += 1
        view, opening = step_beside(work.timeline, "action")
        for event in opening:
            yield event
        asking = Asking(work, self._messages, view, most=PROGRAM_TOKENS)
        async with aclosing(asking.events()) as events:
            async for shown in events:
                yield shown
        program = None if asking.unusable else program_in(asking.text)
        yield asking.recorded(asking.unusable or ("parsed" if program else "failed"))
        if asking.refused:
            for ending in self._refused(asking, view):
                yield ending
            return
        call = f"program-{self._attempts}"
        yield ToolCalled(view.step, call, TOOL, program or asking.text)
        began = now()
        result, limit = await self._run(program, cut_off=asking.cut_off)
        observed = f"The program failed: {result.problem}." if result.value is None else result.value
        failed = None if result.value is not None else "failed"
        yield ToolFinished(call, observed, failed, round((now() - began) * 1000))
        closing = view.close(program or asking.text)
        for event in (*closing, *work.timeline.whole("observation", observed, view.step)):
            yield event
        if limit is not None:
            raise limit
        for ending in self._take(asking.text, result):
            yield ending

    def _refused(self, asking: Asking, view: StepView) -> Iterator[AnyEvent]:
        reading = Reading("refused", NO_ANSWER, asking.text)
        self._work.answered(asking.text, reading, finish_reason=asking.finish_reason)
        yield from view.close("")
        yield from self._work.timeline.whole("answer", asking.text)

    async def _run(self, program: str | None, *, cut_off: bool) -> tuple[ProgramResult, LimitReached | None]:
        """What it came to, and the limit where the run's time was over before."""
        if cut_off:
            return ProgramResult(None, "syntax", "it was cut off by the length limit"), None
        if program is None:
            return ProgramResult(None, "syntax", "there is no function solution() in the reply"), None
        try:
            async with asyncio.timeout_at(self._work.budget.deadline):
                return await self._interpreter.run(program), None
        except TimeoutError:
            return ProgramResult(None, "timeout", "the time for this answer was over"), LimitReached("timeout")

    def _take(self, reply: str, result: ProgramResult) -> Iterator[AnyEvent]:
        """Its value is the answer whatever the extract rule says, as that is for replies in words."""
        problem = f"The program failed: {result.problem}."
        if result.value is not None:
            output = replace(self._work.spec.output, extract=Extract("program"))
            extraction, text = extract("", output, program=result.value), shown(result.value)
            if extraction.value is not None or self._attempts > self._work.options.repairs:
                outcome: Outcome = "failed" if extraction.value is None else "parsed"
                self._work.answered(text, Reading(outcome, replace(extraction, shown=text), text))
                yield from self._work.timeline.whole("answer", text)
                return
            problem = f"solution() returned {text}, but it must return {form_of(output)}."
        told = f"{problem} Write it again, as one fenced block."
        self._messages += [Message("assistant", reply.strip() or "(empty)"), Message("user", told)]


def asking_for_a_program(spec: PromptSpec, rendered: Callable[[PromptSpec], list[Message]]) -> list[Message]:
    """The prompt's own instructions, then ours; exemplars are the prompt's where they show programs."""
    plain = replace(spec, strategy="direct", examples=(), output=replace(spec.output, instruction="none"))
    messages = rendered(plain)
    system = [message.content for message in messages if message.role == "system"]
    rest = [message for message in messages if message.role != "system"]
    instructions = Message("system", "\n\n".join([*system, INSTRUCTION]))
    return [instructions, *rest[:-1], *_exemplars(spec), rest[-1]]


def _exemplars(spec: PromptSpec) -> list[Message]:
    programs: Sequence[tuple[str, str]] = [
        (str(next(iter(example.inputs.values()), "")), example.reasoning)
        for example in spec.examples
        if "def solution" in example.reasoning
    ]
    return [
        message
        for question, program in programs or EXEMPLARS
        for message in (Message("user", question), Message("assistant", f"```python\n{program.strip()}\n```"))
    ]
