"""Everything that is wrong with a chain, all at once (agents.md E.2), in words for the person who builds it."""

from collections import Counter
from collections.abc import Iterator

from agents.runtime.chains.branches import branch_problems
from agents.runtime.chains.catalogue import Catalogue, signature_of
from agents.runtime.chains.levels import level_problems
from agents.runtime.chains.mapping import is_implicit, with_mapping
from agents.runtime.chains.problems import Problem
from agents.runtime.chains.shapes import ANY, LIST, TURNS, Parameter, Signature, fits, in_words
from agents.runtime.chains.sources import Sources
from agents.runtime.chains.spec import HISTORY, ChainSpec, ChainStep, Source
from agents.runtime.chains.transforms import TRANSFORMS


def problems(spec: ChainSpec, catalogue: Catalogue, *, slug: str = "") -> list[Problem]:
    """Errors and warnings, in the order of the steps. `slug` is the chain's own, for the search for cycles."""
    found = [*_Check(spec, catalogue).all(), *level_problems(spec, catalogue, slug=slug)]
    return sorted(found, key=lambda problem: problem.row or len(spec.steps) + 1)


def valid_sources(spec: ChainSpec, catalogue: Catalogue, *, row: int, name: str) -> list[Source]:
    """Everything that a step's parameter can come from, other than a fixed value. Rows count from 1."""
    check = _Check(spec, catalogue)
    step = check.spec.steps[row - 1]
    return [source for source in check.sources.candidates() if not any(check.source(step, row, name, source))]


class _Check:
    def __init__(self, spec: ChainSpec, catalogue: Catalogue) -> None:
        self.spec = with_mapping(spec, lambda step: signature_of(step, catalogue))
        # By row, not by id: ids may be taken twice.
        self.signatures = [None, *(signature_of(step, catalogue) for step in spec.steps)]
        self.implicit = is_implicit(spec)
        self.rows = {step.id: row for row, step in reversed(list(enumerate(spec.steps, 1)))}
        self.arms = spec.arms
        self.sources = Sources(self.spec, self.signatures, self.rows)

    def all(self) -> Iterator[Problem]:
        yield from self._keys()
        yield from self._memory()
        for row, step in enumerate(self.spec.steps, 1):
            yield from self._target(step, row)
            yield from self._missing(step, row)
            for name, source in step.sources.items():
                yield from self.source(step, row, name, source)
            yield from self._each(step, row)
            yield from branch_problems(step, row, self.sources)
        yield from self._unused()
        yield from self._output()

    # --- names

    def _keys(self) -> Iterator[Problem]:
        inputs = Counter(variable.name for variable in self.spec.inputs)
        for name in (name for name, times in inputs.items() if times > 1):
            yield Problem("duplicate_key", f"The input {name} is declared twice.", key=name)
        ids: set[str] = set()
        outputs: set[str] = set()
        for row, step in enumerate(self.spec.steps, 1):
            if step.id in ids:
                yield Problem("duplicate_key", f"The id {step.id} is taken by a step before it.", step.id, "id", row)
            if step.output in outputs and step.id not in ids:
                detail = f"The output key {step.output} is taken by a step before it."
                yield Problem("duplicate_key", detail, step.id, "output", row)
            if step.output in inputs:
                detail = f"The output key {step.output} is the name of an input of the chain: choose another."
                yield Problem("duplicate_key", detail, step.id, "output", row)
            ids.add(step.id)
            outputs.add(step.output)

    def _memory(self) -> Iterator[Problem]:
        name = self.spec.memory
        if not name:
            return
        if name in {variable.name for variable in self.spec.inputs} | {step.output for step in self.spec.steps}:
            detail = f"The earlier turns are called {name}, and so is an input or an output: rename one."
            yield Problem("memory_overlap", detail, key=name)

    # --- one step

    def _target(self, step: ChainStep, row: int) -> Iterator[Problem]:
        signature = self.signatures[row]
        if signature is None:
            detail = f"There is no {step.kind} “{step.target}”."
            yield Problem("unknown_target", detail, step.id, "target", row)
        elif signature.problem:
            yield Problem("unknown_target", signature.problem, step.id, "target", row)
        transform = TRANSFORMS.get(step.target) if step.kind == "transform" else None
        if transform and transform.option == "field" and not step.options.get("field"):
            yield Problem("missing_input", "Say which field of the JSON is meant.", step.id, "field", row)

    def _missing(self, step: ChainStep, row: int) -> Iterator[Problem]:
        signature = self.signatures[row]
        if signature is None or signature.problem:
            return
        if self.implicit and step.inputs is None:
            yield self._no_default(step, row, signature)
            return
        for name in signature.required:
            if name not in step.sources:
                detail = f"It needs {name}: say where it comes from."
                yield Problem("missing_input", detail, step.id, name, row)

    def _no_default(self, step: ChainStep, row: int, signature: Signature) -> Problem:
        if not self.spec.input_name:
            detail = "Without a mapping the chain needs exactly one input, or one that is called input."
        else:
            names = ", ".join(signature.required) or "none"
            detail = (
                f"Without a mapping a step takes exactly one input; this one needs {names}. Say where each comes from."
            )
        return Problem("missing_input", detail, step.id, (signature.required or [""])[0], row)

    def source(self, step: ChainStep, row: int, name: str, source: Source) -> Iterator[Problem]:
        parameter = self._parameter(row, name)
        signature = self.signatures[row]
        if parameter is None:
            if signature is not None and not signature.problem:
                listed = ", ".join(known.name for known in signature.parameters) or "none"
                detail = f"It takes nothing called {name}. What it takes: {listed}."
                yield Problem("unknown_input", detail, step.id, name, row)
            parameter = Parameter(name, required=False, shape=ANY)
        shape, problem = self.sources.shape(step, row, source)
        if problem is not None:
            code, detail = problem
            yield Problem(code, f"{name} comes from {source}: {detail}.", step.id, name, row)
            return
        wanted = LIST if name == step.each else parameter.shape
        if not fits(shape, wanted):
            detail = f"{name} takes {in_words(wanted)}, and {source} gives {in_words(shape)}."
            yield Problem("type_mismatch", detail, step.id, name, row)
        if parameter.required and self.sources.may_be_null(source):
            detail = f"{name} is needed, and {source} may give nothing: it is skipped when it fails."
            yield Problem("missing_input", detail, step.id, name, row)

    def _parameter(self, row: int, name: str) -> Parameter | None:
        signature = self.signatures[row]
        if signature is None:
            return None
        if name == HISTORY and signature.takes_history and signature.parameter(name) is None:
            return Parameter(HISTORY, required=False, shape=TURNS)
        return signature.parameter(name)

    def _each(self, step: ChainStep, row: int) -> Iterator[Problem]:
        if step.each and step.each not in step.sources:
            detail = f"It runs once for each item of {step.each}: say which list that is."
            yield Problem("missing_input", detail, step.id, step.each, row)

    # --- the chain

    def _unused(self) -> Iterator[Problem]:
        if self.implicit:
            return
        read = {source.name for step in self.spec.steps for source in step.sources.values() if source.kind == "input"}
        for variable in self.spec.inputs:
            if variable.name not in read:
                detail = f"No step reads the input {variable.name}."
                yield Problem("unused_input", detail, key=variable.name, level="warning")

    def _output(self) -> Iterator[Problem]:
        step = self.spec.answering
        if step is None:
            keys = ", ".join(step.output for step in self.spec.steps)
            detail = f"No step gives {self.spec.output or 'an answer'}. Outputs: {keys}."
            yield Problem("missing_output", detail, key="output")
        elif step.id in self.arms:
            detail = (
                f"{step.output} is there only when {self.arms[step.id]} chooses it: answer with that branch's output."
            )
            yield Problem("missing_output", detail, key="output")
        elif self.sources.may_be_null(Source("step", step.id)):
            detail = f"The answer is the output of {step.id}, which may be skipped: let it fail, or give a default."
            yield Problem("missing_output", detail, key="output")
