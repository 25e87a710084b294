"""Branches: what decides is a value from a closed list, and each case names a step that stands behind the branch."""

from collections.abc import Iterator

from agents.runtime.chains.problems import Problem
from agents.runtime.chains.shapes import Shape, fits, in_words
from agents.runtime.chains.sources import Sources
from agents.runtime.chains.spec import DECIDED_BY, ChainStep


def branch_problems(step: ChainStep, row: int, sources: Sources) -> Iterator[Problem]:
    """What is wrong with a branch: what decides, its cases, the steps that it chooses from."""
    if step.kind != "branch":
        return
    if not step.otherwise:
        yield Problem("missing_input", "Say which step runs when no case fits.", step.id, "default", row)
    for arm in step.arms:
        if arm not in sources.rows:
            yield Problem("unknown_source", f"There is no step {arm} to choose.", step.id, arm, row)
        elif sources.rows[arm] <= row:
            detail = f"The step {arm} stands before the branch: move it behind."
            yield Problem("unknown_source", detail, step.id, arm, row)
        elif sources.arms[arm] != step.id:
            yield Problem("duplicate_key", f"The step {arm} belongs to two branches.", step.id, arm, row)
    yield from _labels(step, row, sources)


def _labels(step: ChainStep, row: int, sources: Sources) -> Iterator[Problem]:
    """What decides is a value from a closed list; a case that isn't in it could never be chosen."""
    source = step.sources.get(DECIDED_BY)
    if source is None:
        return
    shape, problem = sources.shape(step, row, source)
    if problem is not None:
        return
    if shape.free or not fits(shape, Shape("label")):
        detail = f"{source} gives {'free text' if shape.free else in_words(shape)}; a branch is decided by a label."
        yield Problem("type_mismatch", detail, step.id, DECIDED_BY, row)
    known = {label.casefold() for label in shape.labels}
    for label in step.cases:
        if known and label.strip().casefold() not in known:
            detail = f"{source} never gives “{label}”. Its labels: {', '.join(shape.labels)}."
            yield Problem("type_mismatch", detail, step.id, label, row)
