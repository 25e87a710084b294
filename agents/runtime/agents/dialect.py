"""How a type of agent and its model talk: a grammar for what the model writes, and the words for what it is told."""

from collections.abc import Mapping

from agents.runtime.agents.corrections import SENTENCES, says_something
from agents.runtime.events import Notice
from agents.runtime.parsing.grammar import Grammar
from agents.runtime.parsing.inputs import as_text
from agents.runtime.parsing.results import Action, Finish
from agents.runtime.parsing.thinking import without_thinking


class Dialect:
    """One instance for each run, as some count what happened. Turns count from 1.

    `format` is the block that code adds to the prompt, `sentences` are the corrective observations by code.
    """

    format: str = ""
    sentences: Mapping[str, str] = SENTENCES

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar

    def observation(self, turn: int, text: str) -> str:
        """The user's turn that tells the model something."""
        return f"{self.grammar.observation}{text}"

    def written(self, turn: int, result: Action | Finish) -> str:
        """The model's turn of this meaning, as it would stand in the transcript had it been written as text."""
        said = f"Thought: {result.thought}\n" if result.thought else ""
        if isinstance(result, Finish):
            return f"{said}Final Answer: {result.answer}"
        return f"{said}Action: {result.tool}\nAction Input: {as_text(result.input)}"

    def own_words(self, text: str) -> str:
        """A faulty reply as far as the model speaks for itself: what it is told isn't its to say."""
        lines = without_thinking(text).strip().split("\n")
        invented = (place for place, line in enumerate(lines) if self._is_told(line))
        return "\n".join(lines[: next(invented, len(lines))]).strip()

    def _is_told(self, line: str) -> bool:
        label = self.grammar.labels.of(line)
        return label is not None and label.name in ("observation", "intermediate_answer")

    def is_answer(self, prose: str) -> bool:
        """Whether plain words can serve as the answer: not those that are marks and nothing else."""
        return says_something(prose)

    def told(self, output: str, error: str | None) -> str:
        """What the model is told of a tool's result."""
        return output

    def advice(self) -> str:
        """What is added to an observation, by what happened until now."""
        return ""

    def reservations(self) -> Notice | None:
        """What whoever reads the answer should know about it; the notice's code is a flag of the answer, too."""
        return None
