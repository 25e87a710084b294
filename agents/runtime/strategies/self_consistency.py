"""Several samples of a chain of thought, and the answer on which most agree (Wang et al. 2022, arXiv 2203.11171 §2).

`pick: model` has the model choose the most consistent reply instead, for answers that no vote can compare (universal
self-consistency, Chen et al. 2023, arXiv 2311.17311).
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace

from agents.runtime.answers import Vote, decided, vote
from agents.runtime.budget import LimitReached
from agents.runtime.events import AnyEvent, Event, Notice
from agents.runtime.prompts import PromptSpec
from agents.runtime.strategies.answer_text import answer_text
from agents.runtime.strategies.picking import Picking
from agents.runtime.strategies.samples import Sample, Sampler
from agents.runtime.strategies.work import Work

FIRST_WAVE = 0.6  # of five samples three: where these agree, the other two can't change the answer
BROKEN = {"logprob": "the model was surer of it", "order": "it came first"}


async def run(work: Work) -> AsyncGenerator[AnyEvent]:
    """At a limit those samples decide that are there.

    Raises ModelError where none came, and LimitReached after what there is has been concluded.
    """
    sampler = Sampler(work, work.messages(reasoning(work.spec)), _parameters(work))
    limit: LimitReached | None = None
    try:
        for wave in _waves(work):
            if wave == 0 or (work.options.early_stop and decided(sampler.values, wave)):
                break
            async with aclosing(sampler.draw(wave)) as events:
                async for event in events:
                    yield event
    except LimitReached as reached:
        limit = reached
    if sampler.samples:
        async with aclosing(_concluded(work, sampler.samples, may_ask=limit is None)) as events:
            async for event in events:
                yield event
    if limit is not None:
        raise limit


def reasoning(spec: PromptSpec) -> PromptSpec:
    """The prompt as a chain of thought: by examples that show reasoning, else by a sentence that asks for it."""
    shown = any(example.reasoning for example in spec.examples)
    return replace(spec, strategy="few_shot_cot" if shown else "zero_shot_cot")


def _parameters(work: Work) -> dict[str, object]:
    seed = work.spec.parameters.get("seed")
    return {"temperature": work.options.temperature, **({} if seed is None else {"seed": seed})}


def _waves(work: Work) -> tuple[int, int]:
    options = work.options
    if not options.early_stop or options.pick == "model":
        return options.samples, 0
    first = max(1, round(options.samples * FIRST_WAVE))
    return first, options.samples - first


async def _concluded(work: Work, samples: Sequence[Sample], *, may_ask: bool) -> AsyncGenerator[AnyEvent]:
    votes = vote([sample.value for sample in samples], logprobs=[sample.logprob for sample in samples])
    work.outline.samples = tuple(sample.value for sample in samples)
    readable = next((place for place, sample in enumerate(samples) if sample.is_readable), 0)
    index = readable if votes.index is None else votes.index
    whole = [place for place, sample in enumerate(samples) if sample.is_whole and sample.is_readable]
    by_model = work.options.pick == "model" or (votes.index is None and work.spec.output.kind == "text")
    if by_model and may_ask and len(whole) > 1:
        picking = Picking(work, {place: samples[place].text for place in whole}, otherwise=index)
        async with aclosing(picking.events()) as events:
            async for event in events:
                yield event
        index = picking.index
    else:
        for event in work.timeline.whole("vote", _in_words(votes)):
            yield event
    for event in _answered(work, samples[index], votes):
        yield event


def _answered(work: Work, sample: Sample, votes: Vote) -> Iterator[Event]:
    least = work.options.min_agreement
    if sample.value is None and work.spec.output.kind != "text":
        yield Notice("no_answer", "No answer could be read from this. It is shown as it came.")
    elif least is not None and votes.winner is not None and votes.agreement < least:
        work.outline.flags.add("unsure")
        yield Notice("unsure", f"Only {votes.agreement:.0%} of the samples agree: this answer is unsure.")
    text = answer_text(sample.text, sample.reading.extraction, work.spec.output)
    work.answered(text, sample.reading, finish_reason=sample.finish_reason)
    yield from work.timeline.whole("answer", text)


def _in_words(votes: Vote) -> str:
    """One line for each answer, the winner first, and what decided between equals."""
    if votes.winner is None:
        return f"None of {votes.n} samples has an answer that can be read."
    lines = [f"{value}: {count} of {votes.n}" for value, count in votes.counts.items()]
    if silent := votes.n - votes.answered:
        lines.append(f"without an answer: {silent} of {votes.n}")
    if votes.tie:
        lines.append(f"Equal votes; {votes.winner} is taken because {BROKEN.get(votes.broken_by, 'it leads')}.")
    return "\n".join([*lines, f"Agreement: {votes.agreement:.0%}"])
