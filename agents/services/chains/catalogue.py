"""The prompts, agents and chains that are there, as chains see them."""

from agents import build
from agents.models import Agent, Chain, PromptVersion
from agents.models.prompts import PRODUCTION
from agents.runtime.chains import ChainProblems, ChainSpec, Parameter, Signature, parse_chain, with_mapping
from agents.runtime.chains.catalogue import signature_of
from agents.runtime.chains.shapes import ANY, PROSE, Shape, of_output, of_variable
from agents.runtime.errors import ConfigurationError, PromptError
from agents.runtime.prompts import PromptSpec, problems
from agents.services.prompts.references import UnknownPrompt, resolve
from agents.services.versions_in_use import version_in_use

# Agents whose answer has the form that their prompt declares.
TYPES_WITH_OUTPUT = (Agent.Type.CONVERSATION, Agent.Type.STRUCTURED)


class RowCatalogue:
    """Looks each thing up once: for one check, or for one run's start."""

    def __init__(self) -> None:
        self._signatures: dict[tuple[str, str], Signature | None] = {}
        self._chains: dict[str, ChainSpec | None] = {}
        # Chains whose signature is being made: one that contains itself has no shape to wait for.
        self._within: set[str] = set()

    def signature(self, kind: str, reference: str) -> Signature | None:
        key = (kind, reference)
        if key not in self._signatures:
            makers = {"prompt": _of_prompt, "agent": self._of_agent, "chain": self._of_chain}
            self._signatures[key] = makers[kind](reference)
        return self._signatures[key]

    def chain(self, slug: str) -> ChainSpec | None:
        """Its steps with an explicit mapping; None for a chain that isn't there, or can't be read."""
        if slug not in self._chains:
            row = Chain.objects.filter(slug=slug).first()
            self._chains[slug] = None
            if row is not None:
                self._chains[slug] = self._read(row)
        return self._chains[slug]

    def _read(self, row: Chain) -> ChainSpec | None:
        try:
            return with_mapping(parse_chain(row.definition), lambda step: signature_of(step, self))
        except ChainProblems:
            return None

    def _of_chain(self, slug: str) -> Signature | None:
        spec = self.chain(slug)
        if spec is None:
            exists = Chain.objects.filter(slug=slug).exists()
            return Signature(problem=f"The chain “{slug}” has problems of its own: open it first.") if exists else None
        parameters = tuple(Parameter(one.name, one.required, of_variable(one)) for one in spec.inputs)
        return Signature(parameters, self._output(slug, spec), chains=(slug,))

    def _output(self, slug: str, spec: ChainSpec) -> Shape:
        step = spec.answering
        if step is None or step.each or slug in self._within:
            return ANY
        self._within.add(slug)
        found = signature_of(step, self)
        self._within.discard(slug)
        return found.output if found else ANY

    def _of_agent(self, slug: str) -> Signature | None:
        agent = Agent.objects.select_related("prompt", "chain").filter(slug=slug).first()
        if agent is None:
            return None
        if agent.agent_type == Agent.Type.CHAIN and agent.chain is not None:
            return self.signature("chain", agent.chain.slug)
        try:
            spec = build.spec_of(version_in_use(agent))
        except (ConfigurationError, PromptError) as error:
            return Signature(problem=str(error))
        tools = agent.agent_tools.filter(tool__enabled=True, tool__chain__isnull=False)
        chains = tuple(tools.values_list("tool__chain__slug", flat=True))
        return Signature(_parameters(spec), _output_of(agent, spec), chains, takes_history=True)


def _of_prompt(reference: str) -> Signature:
    try:
        version: PromptVersion = resolve(reference, default=PRODUCTION)
        spec = build.spec_of(version)
    except (UnknownPrompt, PromptError) as error:
        return Signature(problem=error.detail)
    for problem in problems(spec):
        if problem.code.startswith("agent_only:"):
            return Signature(problem=f"The prompt “{reference}” is one for agents: {problem.detail}")
    return Signature(_parameters(spec), of_output(spec.output), takes_history=True)


def _parameters(spec: PromptSpec) -> tuple[Parameter, ...]:
    return tuple(Parameter(one.name, one.required, of_variable(one)) for one in spec.variables)


def _output_of(agent: Agent, spec: PromptSpec) -> Shape:
    """Agents that reason in a grammar of their own answer in plain words."""
    return of_output(spec.output) if agent.agent_type in TYPES_WITH_OUTPUT else PROSE
