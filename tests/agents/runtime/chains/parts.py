"""Prompts, agents and chains for chains in tests, as plain data."""

from dataclasses import dataclass, field

from agents.runtime.agents.conversation import Conversation
from agents.runtime.answers import parse_output
from agents.runtime.chains import (
    ChainAgent,
    ChainSpec,
    Parameter,
    Signature,
    StepTarget,
    parse_chain,
    problems,
    with_mapping,
)
from agents.runtime.chains.catalogue import signature_of
from agents.runtime.chains.shapes import PROSE, of_output
from agents.runtime.limits import Limits
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM
from tests.agents.runtime.fakes import drain


@dataclass
class FakeCatalogue:
    """What there is to build a chain of."""

    signatures: dict = field(default_factory=dict)
    chains: dict[str, ChainSpec] = field(default_factory=dict)

    def signature(self, kind, reference):
        return self.signatures.get((kind, reference))

    def chain(self, slug):
        return self.chains.get(slug)


def takes(*names, optional=(), output=None, chains=(), history=False):
    parameters = (*(Parameter(name) for name in names), *(Parameter(name, required=False) for name in optional))
    shape = of_output(parse_output(output)) if output else PROSE
    return Signature(parameters, shape, chains, history)


PEOPLE = FakeCatalogue(
    {
        ("prompt", "company-name"): takes("product"),
        ("prompt", "slogan"): takes("name", optional=("tone",)),
        ("prompt", "two"): takes("a", "b"),
        ("prompt", "topic"): takes("text", output={"kind": "label", "labels": ["billing", "other"]}),
        ("prompt", "facts"): takes(
            "text",
            output={
                "kind": "json",
                "schema": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "parts": {"type": "array"}, "more": {"type": "object"}},
                },
            },
        ),
        ("agent", "assistant"): takes("input", history=True),
    }
)


def codes(definition, catalogue=PEOPLE, slug="mine", level="error"):
    """Code, step and key of everything that is wrong."""
    found = problems(parse_chain(definition), catalogue, slug=slug)
    return [(problem.code, problem.step, problem.key) for problem in found if problem.level == level]


def step(step_id, prompt="slogan", inputs=None, **more):
    target = {} if {"agent", "chain", "transform", "branch"} & set(more) else {"prompt": prompt}
    return {"id": step_id, **target, **({"inputs": inputs} if inputs is not None else {}), **more}


def asks(llm, text="About {{ value }}", **fields):
    """A target that puts one question to a scripted model."""
    spec = parse_prompt({"messages": [{"role": "user", "content": text}], **fields})
    return StepTarget(lambda limits: Conversation(llm, spec, limits), output=spec.output, reasons=spec.reasons)


def chain_of(definition, targets, limits=None):
    """A chain of prompts that each take what is mapped to `value`, unless their inputs say otherwise."""
    anything = FakeCatalogue()
    anything.signature = lambda kind, reference: takes("value")
    spec = parse_chain(definition)
    return ChainAgent(with_mapping(spec, lambda one: signature_of(one, anything)), targets, limits or Limits())


async def run(chain, into=None, history=(), **inputs):
    return await drain(chain.run(inputs or {"input": "socks"}, history), into=into)


def scripted(*replies, **more):
    return ScriptedLLM(*replies, **more)
