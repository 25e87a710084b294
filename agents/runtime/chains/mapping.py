"""The mapping of a chain that has none: each step takes what the one before it gave (LangChain's
`SimpleSequentialChain`, agents.md E.2)."""

from collections.abc import Callable
from dataclasses import replace

from agents.runtime.chains.shapes import Signature
from agents.runtime.chains.spec import ChainSpec, ChainStep, Source

SignatureOf = Callable[[ChainStep], Signature | None]


def is_implicit(spec: ChainSpec) -> bool:
    """Whether no step says where its inputs come from."""
    return all(step.inputs is None for step in spec.steps)


def with_mapping(spec: ChainSpec, signature_of: SignatureOf) -> ChainSpec:
    """The chain with an explicit mapping, as far as there is one to guess: a step that needs several things is left
    without, and `problems` says so."""
    if not is_implicit(spec) or not spec.input_name:
        return spec
    previous = Source("input", spec.input_name)
    steps = []
    for step in spec.steps:
        name = the_parameter(signature_of(step))
        steps.append(replace(step, inputs={name: previous}) if name else step)
        previous = Source("step", step.id)
    return replace(spec, steps=tuple(steps))


def the_parameter(signature: Signature | None) -> str:
    """The one thing that is needed, or "" where it isn't one."""
    if signature is None:
        return ""
    if len(signature.required) == 1:
        return signature.required[0]
    return "input" if not signature.required and signature.parameter("input") else ""
