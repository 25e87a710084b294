"""What a model is told when its reply can't be used, and how often."""

import re
from collections.abc import Sequence

from agents.runtime.parsing.results import Retry, UnknownTool
from agents.runtime.parsing.tool_names import suggestion

IN_A_ROW = 2
FAULTY_TEXT = 1000
SENTENCES = {
    "no_label": "Your reply had neither an Action nor a Final Answer. "
    'Reply with "Action:" and "Action Input:", or with "Final Answer:".',
    "missing_action_input": 'You named the tool {tool} but gave it no input. Write "Action Input:" with the input.',
    "missing_action": "You gave an input but no tool. Tools: {names}.",
    "no_action": 'You wrote that no tool is needed. Then write "Final Answer:" with your answer.',
    "invalid_json_input": 'The input of {tool} must be a JSON object like {{"name": "value"}}. The problem: {problem}.',
    "truncated": "Your reply was cut off by the length limit. Continue with a shorter reply.",
    "empty": 'Your reply was empty. Write an Action, or "Final Answer:" with your answer.',
    "empty_answer": 'Your answer was empty. Write "Final Answer:" with the complete answer behind it.',
}
LABELS_ONLY = re.compile(r"[\W_]*\Z")


class Corrections:
    """Counts them: few in a row, and not many in a run."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.in_a_row = 0
        self.in_all = 0
        self._prose_before = False

    def reset(self) -> None:
        """A correct step ends a row, not the total."""
        self.in_a_row, self._prose_before = 0, False

    def gives_up(self, result: Retry | UnknownTool) -> bool:
        """Whether this reply is taken as it is, or the run ended, instead of asking once more."""
        prose = is_prose(result)
        second_prose = prose and self._prose_before
        self._prose_before = prose
        if second_prose or self.in_a_row >= IN_A_ROW or self.in_all >= self.most:
            return True
        self.in_a_row += 1
        self.in_all += 1
        return False


def is_prose(result: Retry | UnknownTool) -> bool:
    """A reply in plain words, which can serve as the answer."""
    return isinstance(result, Retry) and result.code == "no_label" and not LABELS_ONLY.match(result.thought)


def correction(result: Retry | UnknownTool, names: Sequence[str]) -> str:
    listed = ", ".join(names)
    if isinstance(result, UnknownTool):
        close = suggestion(result.requested, names)
        hint = f" Did you mean {close}?" if close else ""
        return f'There is no tool called "{result.requested[:100]}". Tools: {listed}.{hint}'
    return SENTENCES[result.code].format(tool=result.tool, names=listed, problem=result.problem)
