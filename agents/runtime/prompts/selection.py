"""Which of a prompt's examples are shown with a question: pure functions of examples, inputs and budget (D.6)."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

from agents.runtime.prompts.similarity import Likeness, by_words
from agents.runtime.prompts.spec import Example, Selection
from agents.runtime.templates.base import written

BY_LIKENESS = frozenset({"similar", "mmr"})


@dataclass(frozen=True, slots=True)
class Selected:
    """The chosen examples in the order in which they are shown; places count all examples of the prompt from 0.

    `left_out` are those that ask what is asked now: shown, they would give the answer away.
    """

    examples: tuple[Example, ...]
    places: tuple[int, ...]
    left_out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens that examples may take together, and how many one of them takes."""

    tokens: int
    cost: Callable[[Example], int]


def select(
    examples: Sequence[Example],
    inputs: Mapping[str, Any],
    budget: Budget | None = None,
    *,
    selection: Selection,
    likeness: Likeness | None = None,
) -> Selected:
    """Choose as `selection` says. Without a `likeness` of all the examples, texts are compared by their words."""
    left_out = tuple(place for place, example in enumerate(examples) if asks_the_same(example.inputs, inputs))
    free = [place for place in range(len(examples)) if place not in left_out]
    if selection.by in BY_LIKENESS and likeness is None:
        likeness = by_words([text_of(example.inputs) for example in examples], text_of(inputs))
    places = _chosen(examples, free, budget, selection, likeness)
    return Selected(tuple(examples[place] for place in places), tuple(places), left_out)


def asks_the_same(example: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether an example's inputs are the actual ones, whatever their case and spacing.

    By name where the names are the same; an example with names of its own, by all of its text.
    """
    if example and all(name in inputs for name in example):
        return all(_folded(example[name]) == _folded(inputs[name]) for name in example)
    text = _folded(text_of(example))
    return text != "" and text == _folded(text_of(inputs))


def text_of(inputs: Mapping[str, Any]) -> str:
    """What is compared for likeness: the values, without their names."""
    return "\n".join(written(value) for name, value in inputs.items() if value is not None and not name.startswith("_"))


def _chosen(
    examples: Sequence[Example],
    free: Sequence[int],
    budget: Budget | None,
    selection: Selection,
    likeness: Likeness | None,
) -> Sequence[int]:
    match selection.by:
        case "first":
            return free[: selection.k]
        case "random":
            return _random(len(examples), free, selection)
        case "budget" if budget is not None:
            return _within(examples, free, budget)
        case "similar" if likeness is not None:
            return _nearest(free, likeness)[: selection.k][::-1]
        case "mmr" if likeness is not None:
            return _varied(_nearest(free, likeness)[: selection.fetch_k], selection, likeness)[::-1]
        case "balanced":
            return _balanced(examples, free)[: selection.k]
    return free


def _random(count: int, free: Sequence[int], selection: Selection) -> list[int]:
    """The same for a seed, in stored order. One that is left out makes place for the next and moves no other."""
    draw = random.Random(selection.seed)  # noqa: S311 not a secret
    order = sorted(range(count), key=[draw.random() for _ in range(count)].__getitem__)
    allowed = set(free)
    return sorted([place for place in order if place in allowed][: selection.k])


def _within(examples: Sequence[Example], free: Sequence[int], budget: Budget) -> list[int]:
    """In stored order up to the first that doesn't fit."""
    left, places = budget.tokens, list[int]()
    for place in free:
        left -= budget.cost(examples[place])
        if left < 0:
            break
        places.append(place)
    return places


def _nearest(free: Sequence[int], likeness: Likeness) -> list[int]:
    return sorted(free, key=lambda place: (-likeness.to_question[place], place))


def _varied(near: Sequence[int], selection: Selection, likeness: Likeness) -> list[int]:
    """Maximal marginal relevance (Carbonell and Goldstein, 1998): like the question, and unlike what is chosen."""
    chosen = list(near[:1])
    left = sorted(near[1:])
    nearest = {place: likeness.between(place, chosen[0]) for place in left}
    while left and len(chosen) < selection.k:
        best = max(left, key=lambda place: (_worth(place, nearest[place], selection, likeness), -place))
        chosen.append(best)
        left.remove(best)
        for place in left:
            nearest[place] = max(nearest[place], likeness.between(place, best))
    return chosen


def _worth(place: int, nearest: float, selection: Selection, likeness: Likeness) -> float:
    return selection.diversity * likeness.to_question[place] - (1 - selection.diversity) * nearest


def _balanced(examples: Sequence[Example], free: Sequence[int]) -> list[int]:
    """One of each output in turn, outputs in the order in which they first occur."""
    groups: dict[str, list[int]] = {}
    for place in free:
        groups.setdefault(_folded(examples[place].output), []).append(place)
    return [place for place in chain.from_iterable(zip_longest(*groups.values())) if place is not None]


def _folded(value: Any) -> str:
    return " ".join(written(value).casefold().split())
