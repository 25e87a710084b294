"""What a model is told when its reply can't be used, and how often (agents.md B.6)."""

import re
from collections.abc import Callable, Mapping

from agents.runtime.agents.text_tools import TextTools
from agents.runtime.parsing.results import Retry, UnknownTool
from agents.runtime.parsing.tool_names import suggestion

IN_A_ROW = 2
FAULTY_TEXT = 1000
SENTENCES: Mapping[str, str] = {
    "no_label": "Your reply had neither an Action nor a Final Answer. "
    'Reply with "Action:" and "Action Input:", or with "Final Answer:".',
    "missing_action_input": 'You named the tool {tool} but gave it no input. Write "Action Input:" with the input.',
    "missing_action": "You gave an input but no tool. Tools: {names}.",
    "no_action": 'You wrote that no tool is needed. Then write "Final Answer:" with your answer.',
    "unknown_tool": 'There is no tool called "{requested}". Tools: {names}.{suggestion}',
    "invalid_json_input": "The input of {tool} must be a JSON object like {example}. The problem: {problem}.",
    "truncated": "Your reply was cut off by the length limit. Continue with a shorter reply.",
    "empty": 'Your reply was empty. Write an Action, or "Final Answer:" with your answer.',
    "empty_answer": 'Your answer was empty. Write "Final Answer:" with the complete answer behind it.',
}


MARKS_ONLY = re.compile(r"[\W_]*\Z")


def says_something(text: str) -> bool:
    return not MARKS_ONLY.match(text)


class Corrections:
    """Counts them: few in a row, and not many in a run. `is_answer` tells which plain words can serve as the answer."""

    def __init__(self, most: int, is_answer: Callable[[str], bool] = says_something) -> None:
        self.most = most
        self.is_answer = is_answer
        self.in_a_row = 0
        self.in_all = 0
        self._prose_before = False

    @property
    def begins_row(self) -> bool:
        """Whether the next mistake would be the first in a row, and one that may be corrected."""
        return self.in_a_row == 0 and self.in_all < self.most

    def reset(self) -> None:
        """A correct step ends a row, not the total."""
        self.in_a_row, self._prose_before = 0, False

    def is_prose(self, result: Retry | UnknownTool) -> bool:
        """A reply in plain words, which is the answer when it comes twice."""
        return isinstance(result, Retry) and result.code == "no_label" and self.is_answer(result.thought)

    def gives_up(self, result: Retry | UnknownTool) -> bool:
        """Whether this reply is taken as it is, or the run ended, instead of asking once more."""
        prose = self.is_prose(result)
        second_prose = prose and self._prose_before
        self._prose_before = prose
        if second_prose or self.in_a_row >= IN_A_ROW or self.in_all >= self.most:
            return True
        self.in_a_row += 1
        self.in_all += 1
        return False


def correction(result: Retry | UnknownTool, tools: TextTools, sentences: Mapping[str, str]) -> str:
    """The sentence for the model, by the words of its protocol."""
    listed = ", ".join(tools.kinds)
    if isinstance(result, UnknownTool):
        close = suggestion(result.requested, list(tools.kinds))
        hint = f" Did you mean {close}?" if close else ""
        return sentences["unknown_tool"].format(requested=result.requested[:100], names=listed, suggestion=hint)
    example = tools.example(result.tool)
    return sentences[result.code].format(tool=result.tool, names=listed, example=example, problem=result.problem)
