"""Everything that is wrong with a chain, all at once (agents.md E.2), in words for the person who builds it."""

from collections import Counter
from collections.abc import Iterator

from agents.runtime.chains.catalogue import Catalogue, signature_of
from agents.runtime.chains.levels import level_problems
from agents.runtime.chains.mapping import is_implicit, with_mapping
from agents.runtime.chains.problems import Problem
from agents.runtime.chains.shapes import (
    ANY,
    LIST,
    TEXT,
    TURNS,
    Parameter,
    Shape,
    Signature,
    field_of,
    fits,
    of_variable,
)
from agents.runtime.chains.spec import DECIDED_BY, HISTORY, ChainSpec, ChainStep, Source
from agents.runtime.chains.transforms import TRANSFORMS

WORDS = {"text": "text", "number": "a number", "label": "a label", "list": "a list", "object": "an object"}


def problems(spec: ChainSpec, catalogue: Catalogue, *, slug: str = "") -> list[Problem]:
    """Errors and warnings, in the order of the steps. `slug` is the chain's own, for the search for cycles."""
    found = [*_Check(spec, catalogue).all(), *level_problems(spec, catalogue, slug=slug)]
    return sorted(found, key=lambda problem: problem.row or len(spec.steps) + 1)


def valid_sources(spec: ChainSpec, catalogue: Catalogue, *, row: int, name: str) -> list[Source]:
    """Everything that a step's parameter can come from, other than a fixed value. Rows count from 1."""
    check = _Check(spec, catalogue)
    step = check.spec.steps[row - 1]
    return [source for source in check.candidates() if not any(check.source(step, row, name, source))]


class _Check:
    def __init__(self, spec: ChainSpec, catalogue: Catalogue) -> None:
        self.spec = with_mapping(spec, lambda step: signature_of(step, catalogue))
        # By row, not by id: ids may be taken twice.
        self.signatures = [None, *(signature_of(step, catalogue) for step in spec.steps)]
        self.implicit = is_implicit(spec)
        self.rows = {step.id: row for row, step in reversed(list(enumerate(spec.steps, 1)))}
        self.arms = spec.arms

    def all(self) -> Iterator[Problem]:
        yield from self._keys()
        yield from self._memory()
        for row, step in enumerate(self.spec.steps, 1):
            yield from self._target(step, row)
            yield from self._missing(step, row)
            for name, source in step.sources.items():
                yield from self.source(step, row, name, source)
            yield from self._each(step, row)
            yield from self._branch(step, row)
        yield from self._unused()
        yield from self._output()

    def candidates(self) -> Iterator[Source]:
        """All that there is to read, whether or not it can be read from some place."""
        names = [*(variable.name for variable in self.spec.inputs), *filter(None, [self.spec.memory])]
        yield from (Source("input", name) for name in names)
        for row, step in enumerate(self.spec.steps, 1):
            signature = self.signatures[row]
            yield Source("step", step.id)
            if signature and not step.each:
                yield from (Source("step", step.id, field) for field in signature.output.fields or ())

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
        shape, problem = self._shape(step, row, source)
        if problem is not None:
            code, detail = problem
            yield Problem(code, f"{name} comes from {source}: {detail}.", step.id, name, row)
            return
        wanted = LIST if name == step.each else parameter.shape
        if not fits(shape, wanted):
            detail = f"{name} takes {_word(wanted)}, and {source} gives {_word(shape)}."
            yield Problem("type_mismatch", detail, step.id, name, row)
        if parameter.required and self._may_be_null(source):
            detail = f"{name} is needed, and {source} may give nothing: it is skipped when it fails."
            yield Problem("missing_input", detail, step.id, name, row)

    def _parameter(self, row: int, name: str) -> Parameter | None:
        signature = self.signatures[row]
        if signature is None:
            return None
        if name == HISTORY and signature.takes_history and signature.parameter(name) is None:
            return Parameter(HISTORY, required=False, shape=TURNS)
        return signature.parameter(name)

    def _shape(self, step: ChainStep, row: int, source: Source) -> tuple[Shape, tuple[str, str] | None]:
        """What a source gives, or the code and the reason why it can't be one."""
        if source.kind == "literal":
            return _literal(source.value), None
        if source.kind == "input":
            return self._input(source.name)
        problem = self._before(step, row, source.name)
        if problem:
            return ANY, ("unknown_source", problem)
        given = self._given(source.name)
        if not source.field:
            return given, None
        found = field_of(given, source.field)
        return found.shape, ("type_mismatch", found.problem) if found.problem else None

    def _input(self, name: str) -> tuple[Shape, tuple[str, str] | None]:
        for variable in self.spec.inputs:
            if variable.name == name:
                return of_variable(variable), None
        if self.spec.memory and name == self.spec.memory:
            return TURNS, None
        listed = ", ".join(variable.name for variable in self.spec.inputs)
        return ANY, ("unknown_source", f"the chain has no such input. Inputs: {listed}")

    def _before(self, step: ChainStep, row: int, name: str) -> str:
        """Why a step can't be read from this place, or ""."""
        if name not in self.rows:
            return f"there is no such step. Steps: {', '.join(self.rows)}"
        if name == step.id:
            return "a step can't read what it gives itself"
        if self.rows[name] >= row:
            return "that step comes later"
        if name in self.arms and self.arms[name] != step.id:
            return f"that step runs only when {self.arms[name]} chooses it: read {self.arms[name]}"
        read = self.spec.step(name)
        late = [arm for arm in (read.arms if read else ()) if self.rows.get(arm, 0) >= row]
        return f"its branch {late[0]} comes later" if late else ""

    def _given(self, step_id: str) -> Shape:
        step, signature = self.spec.step(step_id), self.signatures[self.rows[step_id]]
        if step is None or signature is None:
            return ANY
        return LIST if step.each else signature.output

    def _may_be_null(self, source: Source) -> bool:
        step = self.spec.step(source.name) if source.kind == "step" else None
        return step is not None and (
            step.on_error == "skip"
            or any(self._may_be_null(Source("step", arm)) for arm in step.arms if arm != step.id)
        )

    def _each(self, step: ChainStep, row: int) -> Iterator[Problem]:
        if step.each and step.each not in step.sources:
            detail = f"It runs once for each item of {step.each}: say which list that is."
            yield Problem("missing_input", detail, step.id, step.each, row)

    # --- branches

    def _branch(self, step: ChainStep, row: int) -> Iterator[Problem]:
        if step.kind != "branch":
            return
        if not step.otherwise:
            yield Problem("missing_input", "Say which step runs when no case fits.", step.id, "default", row)
        for arm in step.arms:
            if arm not in self.rows:
                yield Problem("unknown_source", f"There is no step {arm} to choose.", step.id, arm, row)
            elif self.rows[arm] <= row:
                detail = f"The step {arm} stands before the branch: move it behind."
                yield Problem("unknown_source", detail, step.id, arm, row)
            elif self.arms[arm] != step.id:
                yield Problem("duplicate_key", f"The step {arm} belongs to two branches.", step.id, arm, row)
        yield from self._labels(step, row)

    def _labels(self, step: ChainStep, row: int) -> Iterator[Problem]:
        """What decides is a value from a closed list; a case that isn't in it could never be chosen."""
        source = step.sources.get(DECIDED_BY)
        if source is None:
            return
        shape, problem = self._shape(step, row, source)
        if problem is not None:
            return
        if shape.free or not fits(shape, Shape("label")):
            detail = f"{source} gives {'free text' if shape.free else _word(shape)}; a branch is decided by a label."
            yield Problem("type_mismatch", detail, step.id, DECIDED_BY, row)
        known = {label.casefold() for label in shape.labels}
        for label in step.cases:
            if known and label.strip().casefold() not in known:
                detail = f"{source} never gives “{label}”. Its labels: {', '.join(shape.labels)}."
                yield Problem("type_mismatch", detail, step.id, label, row)

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
        elif self._may_be_null(Source("step", step.id)):
            detail = f"The answer is the output of {step.id}, which may be skipped: let it fail, or give a default."
            yield Problem("missing_output", detail, key="output")


def _literal(value: object) -> Shape:
    if isinstance(value, list | tuple):
        return LIST
    return Shape("object") if isinstance(value, dict) else TEXT


def _word(shape: Shape) -> str:
    return WORDS.get(shape.kind, "the earlier turns of the conversation")
