"""Saving a chain: what has errors isn't saved; what is saved says where every input comes from."""

from collections.abc import Mapping
from typing import Any

from agents.models import Chain
from agents.runtime.chains import ChainProblems, ChainSpec, Problem, parse_chain, problems, with_mapping
from agents.runtime.chains.catalogue import signature_of
from agents.runtime.chains.spec import StepKind
from agents.services.chains.catalogue import RowCatalogue


def check_chain(definition: Any, *, slug: str = "") -> list[Problem]:
    """Everything that is wrong with a chain, errors and warnings. Raises ChainProblems for what can't be read."""
    return problems(parse_chain(definition), RowCatalogue(), slug=slug)


def chains_naming(kind: StepKind, slug: str) -> list[Chain]:
    """The chains with a step that runs this prompt, agent or chain: they name it by its slug."""
    return [
        one
        for one in Chain.objects.all()
        if any(str(step.get(kind, "")).partition("@")[0] == slug for step in one.definition.get("steps", ()))
    ]


def chains_with(slug: str) -> list[Chain]:
    """The other chains that run this one as a step."""
    return [one for one in chains_naming("chain", slug) if one.slug != slug]


def save_chain(
    *, chain: Chain, definition: Mapping[str, Any], slug: str = "", name: str = "", description: str | None = None
) -> list[Problem]:
    """Replace what a chain says, and return the warnings. Raises ChainProblems with all errors at once."""
    if chain.pk and slug not in ("", chain.slug) and (others := chains_with(chain.slug)):
        named = ", ".join(other.name for other in others)
        raise ChainProblems([Problem("slug_in_use", f"{named} runs this chain by its slug: keep it.", key="slug")])
    found = check_chain(definition, slug=slug or chain.slug)
    if errors := [problem for problem in found if problem.level == "error"]:
        raise ChainProblems(errors)
    chain.slug, chain.name = slug or chain.slug, name or chain.name
    chain.description = chain.description if description is None else description
    chain.definition = dict(definition)
    chain.save()
    return found


def spec_in_use(chain: Chain, catalogue: RowCatalogue | None = None) -> ChainSpec:
    """The chain as it would run now, with an explicit mapping. Raises ChainProblems where something has changed under
    it: a prompt that needs another input, a label that is gone. Several of one start share a `catalogue`."""
    spec = parse_chain(chain.definition)
    catalogue = catalogue or RowCatalogue()
    if errors := [one for one in problems(spec, catalogue, slug=chain.slug) if one.level == "error"]:
        raise ChainProblems(errors)
    return with_mapping(spec, lambda step: signature_of(step, catalogue))


def frozen(spec: ChainSpec, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition with the mapping written out: what runs doesn't depend on what is looked up later."""
    steps = [
        {**dict(step), "inputs": {name: source.to_json() for name, source in one.sources.items()}}
        for step, one in zip(definition["steps"], spec.steps, strict=True)
    ]
    return {**dict(definition), "steps": steps}
