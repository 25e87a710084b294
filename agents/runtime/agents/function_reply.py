"""What a whole reply means: an answer, calls that can be made or not, or something that must be said again."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.runtime.agents.function_calls import ENDED, MOST_CALLS, TOO_MANY, Ready, correction, read_call
from agents.runtime.agents.function_specs import Functions
from agents.runtime.agents.function_turn import FunctionTurn
from agents.runtime.answers.reading import CUT
from agents.runtime.llm import FunctionCall, Message
from agents.runtime.model_call import ModelCall
from agents.runtime.parsing.results import Retry, UnknownTool

Read = Ready | Retry | UnknownTool
ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class FunctionReply:
    """`read` says of each call what it means; without calls, `problem` says why the text is no answer, if so.

    `asked_again`: it is the reply to a correction.
    """

    text: str
    calls: tuple[FunctionCall, ...] = ()
    read: tuple[Read, ...] = ()
    problem: Retry | None = None
    reasoning: str = ""
    refused: bool = False
    finish_reason: str = "stop"
    flags: tuple[str, ...] = ()
    asked_again: bool = False

    @property
    def cut_off(self) -> bool:
        return self.finish_reason in CUT

    @property
    def ready(self) -> list[Ready]:
        """The calls to be made."""
        return [read for read in self.read[:MOST_CALLS] if isinstance(read, Ready)]

    @property
    def mistakes(self) -> list[Retry | UnknownTool]:
        """What the model has to be told, in the order of its calls."""
        of_calls = [read for read in self.read if not isinstance(read, Ready)]
        return [self.problem] if self.problem else of_calls

    @property
    def outcome(self) -> str:
        """Whether it had the form that was asked for, in one word for the trace."""
        if self.refused:
            return "refused"
        if self.cut_off:
            return "truncated"
        if self.mistakes:
            return "failed"
        if self.asked_again:
            return "reasked"
        return "repaired" if self.flags else "parsed"

    def messages(self, told: Mapping[str, str], functions: Functions) -> Iterator[Message]:
        """The reply with its calls, and then a message for each of them: without one the API refuses the next call.

        `told` are the results by call id.
        """
        yield Message("assistant", self.text, self.calls, reasoning=self.reasoning)
        for place, (call, read) in enumerate(zip(self.calls, self.read, strict=True)):
            if not isinstance(read, Ready):
                text = correction(read, functions)
            else:
                text = TOO_MANY if place >= MOST_CALLS else told.get(call.id, ENDED)
            yield Message("tool", text, call_id=call.id)


def read_reply(turn: FunctionTurn, call: ModelCall, functions: Functions) -> FunctionReply:
    """The reply of a call that has ended, after `turn.end`."""
    cut_off, filtered = call.finish_reason in CUT, call.finish_reason == "content_filter"
    reasoning = call.reply.reasoning if call.reply else ""
    calls = tuple(_with_ids(call.calls or [FunctionCall("", c.name, c.arguments) for c in turn.written]))
    if calls:
        read = tuple(read_call(c, functions, cut_off=cut_off and c is calls[-1]) for c in calls)
        flags = {flag for one in read if isinstance(one, Ready) for flag in one.flags}
        flags |= {"text_tool_call"} if turn.written else set()
        flags |= {"text_after_call"} if turn.goes_on else set()
        text = "" if turn.written else turn.text.strip()
        return FunctionReply(text, calls, read, None, reasoning, filtered, call.finish_reason, tuple(sorted(flags)))
    refused = filtered or bool(call.reply and call.reply.refused and turn.text.strip())
    problem = None if refused else _problem(turn, call.finish_reason)
    flags = {"truncated"} if cut_off and not problem else set()
    text = turn.before if turn.is_in_midst else turn.text  # what follows a call that wasn't made was invented
    return FunctionReply(text.strip(), (), (), problem, reasoning, refused, call.finish_reason, tuple(flags))


def _problem(turn: FunctionTurn, finish_reason: str) -> Retry | None:
    """Why a reply without calls is no answer."""
    if turn.is_broken_call:
        code = "call_in_text" if turn.is_in_midst else "broken_call" if turn.tool else "no_action"
        return Retry(code="truncated" if finish_reason in CUT else code, tool=turn.tool)
    if not turn.is_empty and finish_reason != "tool_calls":
        return None
    if finish_reason in CUT:
        return Retry(code="truncated")
    return Retry(code="no_action" if finish_reason == "tool_calls" else "empty")


def _with_ids(calls: Sequence[FunctionCall]) -> Iterator[FunctionCall]:
    """Each result is matched to its call by an id: servers that give none, or one to all, get new ones."""
    seen: set[str] = set()
    for call in calls:
        yield call if call.id and call.id not in seen else replace(call, id=f"call_{secrets.token_hex(ID_BYTES)}")
        seen.add(call.id)
