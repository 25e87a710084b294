"""What a step can run, and where its inputs can come from, as selects show it."""

from collections.abc import Iterator

from agents.models import Agent, Chain, PromptLabel
from agents.models.prompts import PRODUCTION
from agents.runtime.chains import Catalogue, ChainSpec, Parameter, Signature, valid_sources
from agents.runtime.chains.catalogue import signature_of
from agents.runtime.chains.spec import HISTORY, ChainStep, Source
from agents.runtime.chains.transforms import TRANSFORMS

Choices = list[tuple[str, str]]
FIXED = "="
BRANCH = "branch"


def runnable(*, without: str = "") -> list[tuple[str, Choices]]:
    """Everything a step can run, by kind. `without` is the chain that is edited, which can't contain itself."""
    labels = PromptLabel.objects.select_related("prompt").order_by("prompt__name", "name")
    prompts = sorted((_prompt(label) for label in labels), key=lambda choice: choice[1].casefold())
    agents = [(f"agent:{agent.slug}", agent.name) for agent in Agent.objects.order_by("name")]
    chains = [(f"chain:{chain.slug}", chain.name) for chain in Chain.objects.exclude(slug=without)]
    transforms = [(f"transform:{one.name}", f"{one.name}: {one.about}") for one in TRANSFORMS.values()]
    groups = [("Prompts", prompts), ("Agents", agents), ("Chains", chains), ("Without a model", transforms)]
    return [*(group for group in groups if group[1]), ("Decide", [(BRANCH, "Branch: one of several steps")])]


def _prompt(label: PromptLabel) -> tuple[str, str]:
    if label.name == PRODUCTION:
        return f"prompt:{label.prompt.slug}", label.prompt.name
    return f"prompt:{label.prompt.slug}@{label.name}", f"{label.prompt.name} ({label.name})"


def parameters_of(step: ChainStep, catalogue: Catalogue, *, memory: str) -> list[Parameter]:
    """What a row asks for: where a chain has a memory, a prompt or an agent can be given the earlier turns too."""
    signature: Signature | None = signature_of(step, catalogue)
    if signature is None:
        return []
    turns = [Parameter(HISTORY, required=False)] if signature.takes_history and memory else []
    return [*signature.parameters, *(one for one in turns if signature.parameter(one.name) is None)]


def sources_for(spec: ChainSpec, catalogue: Catalogue, row: int, parameter: Parameter) -> Choices:
    """The valid sources of one parameter, a fixed text, and nothing where it may be left out."""
    offered = [
        (str(source), _words(source, spec)) for source in valid_sources(spec, catalogue, row=row, name=parameter.name)
    ]
    fixed = [] if parameter.name == HISTORY else [(FIXED, "A fixed text…")]
    return [("", "Choose…" if parameter.required else "Leave out"), *offered, *fixed]


def _words(source: Source, spec: ChainSpec) -> str:
    if source.kind == "input":
        return f"Input: {source.name}"
    step = spec.step(source.name)
    title = step.title if step else source.name
    return f"Step {spec.ids.index(source.name) + 1}: {title}{f' → {source.field}' if source.field else ''}"


def guess(spec: ChainSpec, row: int, parameter: Parameter) -> str:
    """What a needed input most likely comes from: the step before, or the chain's own input."""
    if not parameter.required:
        return ""
    if row > 1:
        return str(Source("step", spec.steps[row - 2].id))
    return str(Source("input", spec.input_name)) if spec.input_name else ""


def outputs(spec: ChainSpec | None) -> Iterator[tuple[str, str]]:
    yield "", "That of the last step"
    for step in spec.steps if spec else ():
        if step.id not in spec.arms:
            yield step.output, f"{step.output} ({step.title})" if step.output != step.id else step.title
