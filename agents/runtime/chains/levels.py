"""Chains within chains: no chain leads to itself, and none goes too deep."""

from collections.abc import Iterator

from agents.runtime.chains.catalogue import Catalogue, signature_of
from agents.runtime.chains.problems import Problem
from agents.runtime.chains.spec import MOST_LEVELS, MOST_STEPS, ChainSpec


def level_problems(spec: ChainSpec, catalogue: Catalogue, *, slug: str = "") -> Iterator[Problem]:
    """`cycle` and `too_deep`, each at the step that leads there; through agents too, and through their tools."""
    total = len(spec.steps)
    for row, step in enumerate(spec.steps, 1):
        signature = signature_of(step, catalogue)
        for chain in signature.chains if signature else ():
            found = _Descent(catalogue, slug)
            found.into(chain, (slug,) if slug else ())
            total += found.steps
            if found.cycle:
                detail = f"The chain would contain itself: {' → '.join(found.cycle)}."
                yield Problem("cycle", detail, step.id, "target", row)
            elif found.too_deep:
                detail = f"Chains may stand within chains up to {MOST_LEVELS} levels, and this one goes deeper."
                yield Problem("too_deep", detail, step.id, "target", row)
    if total > MOST_STEPS:
        detail = f"The chain has {total} steps, with those of the chains in it; {MOST_STEPS} are the most."
        yield Problem("too_deep", detail, key="steps")


class _Descent:
    """Follows everything that a chain leads to, as far as it is allowed to go."""

    def __init__(self, catalogue: Catalogue, slug: str) -> None:
        self.catalogue = catalogue
        self.steps = 0
        self.cycle: tuple[str, ...] = ()
        self.too_deep = False
        # The chain that is checked is the first level, also where it has no name yet.
        self._above = 0 if slug else 1

    def into(self, slug: str, path: tuple[str, ...]) -> None:
        if slug in path:
            self.cycle = self.cycle or (*path[path.index(slug) :], slug)
            return
        path = (*path, slug)
        if len(path) + self._above > MOST_LEVELS:
            self.too_deep = True
        if self.too_deep or self.steps > MOST_STEPS:
            return
        spec = self.catalogue.chain(slug)
        for step in spec.steps if spec else ():
            self.steps += 1
            signature = signature_of(step, self.catalogue)
            for chain in signature.chains if signature else ():
                self.into(chain, path)
