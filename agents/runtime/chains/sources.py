"""What a step can read from its place in the chain, and what that looks like."""

from collections.abc import Iterator, Mapping, Sequence

from agents.runtime.chains.shapes import ANY, LIST, TEXT, TURNS, Shape, Signature, field_of, of_variable
from agents.runtime.chains.spec import ChainSpec, ChainStep, Source

Fault = tuple[str, str]  # a code and a reason


class Sources:
    """Of a chain with an explicit mapping. `signatures` are by row, `rows` by id; rows count from 1."""

    def __init__(self, spec: ChainSpec, signatures: Sequence[Signature | None], rows: Mapping[str, int]) -> None:
        self.spec = spec
        self.signatures = signatures
        self.rows = rows
        self.arms = spec.arms

    def candidates(self) -> Iterator[Source]:
        """All that there is to read, whether or not it can be read from some place."""
        names = [*(variable.name for variable in self.spec.inputs), *filter(None, [self.spec.memory])]
        yield from (Source("input", name) for name in names)
        for row, step in enumerate(self.spec.steps, 1):
            signature = self.signatures[row]
            yield Source("step", step.id)
            if signature and not step.each:
                yield from (Source("step", step.id, field) for field in signature.output.fields or ())

    def shape(self, step: ChainStep, row: int, source: Source) -> tuple[Shape, Fault | None]:
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

    def _input(self, name: str) -> tuple[Shape, Fault | None]:
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
        late = [arm for arm in self._within(name) if self.rows.get(arm, 0) >= row]
        return f"its branch {late[0]} comes later" if late else ""

    def _within(self, name: str) -> list[str]:
        """The steps that a branch may run, and those of branches among them."""
        found, waiting = [], [name]
        while waiting:
            step = self.spec.step(waiting.pop())
            new = [arm for arm in (step.arms if step else ()) if arm not in found and arm != name]
            found += new
            waiting += new
        return found

    def _given(self, step_id: str) -> Shape:
        step, signature = self.spec.step(step_id), self.signatures[self.rows[step_id]]
        if step is None or signature is None:
            return ANY
        return LIST if step.each else signature.output

    def may_be_null(self, source: Source) -> bool:
        if source.kind != "step":
            return False
        steps = (self.spec.step(name) for name in (source.name, *self._within(source.name)))
        return any(step is not None and step.on_error == "skip" for step in steps)


def _literal(value: object) -> Shape:
    if isinstance(value, list | tuple):
        return LIST
    return Shape("object") if isinstance(value, dict) else TEXT
