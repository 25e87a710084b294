"""What a chain can be made of: whoever checks or runs one looks prompts, agents and chains up here."""

from typing import Protocol

from agents.runtime.chains.shapes import ANY, Parameter, Signature
from agents.runtime.chains.spec import DECIDED_BY, ChainSpec, ChainStep
from agents.runtime.chains.transforms import TRANSFORMS


class Catalogue(Protocol):
    """`signature` is None for what isn't there; `chain` gives the steps of a chain for the search for cycles."""

    def signature(self, kind: str, reference: str) -> Signature | None: ...

    def chain(self, slug: str) -> ChainSpec | None: ...


def signature_of(step: ChainStep, catalogue: Catalogue) -> Signature | None:
    """What a step takes and gives, whatever it runs."""
    if step.kind == "transform":
        found = TRANSFORMS.get(step.target)
        return found.signature if found else None
    if step.kind == "branch":
        return Signature((Parameter(DECIDED_BY, shape=ANY),), ANY)
    return catalogue.signature(step.kind, step.target)
