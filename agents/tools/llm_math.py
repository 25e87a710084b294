"""The Calculator: computes expressions exactly, and has a question translated into one by the model first.

A number that the model makes up is never taken over: whatever it writes goes through the evaluator.
"""

import json
import re
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

from agents.runtime.errors import ModelError
from agents.runtime.events import Notice
from agents.runtime.llm import Message, Request
from agents.runtime.model_call import ModelCall
from agents.runtime.outcomes import outcome_of_end
from agents.runtime.tools import InputKind, ToolContext, ToolResult
from agents.tools.calculator import CalculationError, calculate
from agents.tools.errors import failure, problem_of

SYSTEM: Final = """\
Translate the question into one arithmetic expression. Do not calculate.
Allowed: numbers, + - * / // % **, brackets, pi, e, and the functions sqrt abs round floor ceil min max sum log log10 \
exp sin cos tan factorial comb gcd lcm.
Reply with JSON: {"expression": "..."}. If no expression answers the question, reply {"expression": null}.

Question: What is 37593 times 67?
{"expression": "37593 * 67"}
Question: 12 percent of 80 plus the square root of 2
{"expression": "80 * 12 / 100 + sqrt(2)"}
Question: Who wrote Hamlet?
{"expression": null}"""
RESPONSE_FORMAT: Final = {
    "type": "json_schema",
    "json_schema": {
        "name": "expression",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"expression": {"type": ["string", "null"]}},
            "required": ["expression"],
            "additionalProperties": False,
        },
    },
}
NOT_ONE: Final = "This can't be written as one calculation."
# An expression with one of these problems won't get better by translating it.
FINAL: Final = ("division_by_zero", "domain", "too_large")
_LONE_NUMBER: Final = re.compile(r"\s*[-+]?[\d.,_]+(?:[eE][-+]?\d+)?\s*")


class _Untranslatable(Exception):
    """The model says that no expression answers the question, or says nothing usable."""


@dataclass(frozen=True, slots=True)
class Calculator:
    """Evaluates an expression itself; asks the model for one where the input is a question."""

    name: str = "Calculator"
    description: str = (
        "Answers questions about math and calculates exactly. "
        "Input: an expression, or a question that one expression can answer."
    )
    timeout_s: float = 60
    max_output: int = 4000
    input_kind: InputKind = "text"
    volatile: bool = False

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        if problem := problem_of(input):
            return failure("bad_input", tool=self.name, reason=problem)
        text = str(input).strip()
        try:
            return ToolResult(calculate(text))
        except CalculationError as error:
            if error.code in FINAL:
                return failure("bad_input", tool=self.name, reason=str(error))
        try:
            return await self._translated(text, context)
        except ModelError:
            return failure("unavailable", tool=self.name)

    async def _translated(self, question: str, context: ToolContext) -> ToolResult:
        messages = [Message("system", SYSTEM), Message("user", f"Question: {question}")]
        reason = ""
        for again in (False, True):
            reply = await _ask(context, messages, again=again)
            try:
                expression = _expression_of(reply)
                return ToolResult(f"{expression} = {calculate(expression)}", data={"expression": expression})
            except _Untranslatable:
                return ToolResult(NOT_ONE, error="bad_input")
            except CalculationError as error:
                reason = str(error)
                correction = f"This expression can't be calculated: {reason}. Write another one."
                messages += [Message("assistant", reply), Message("user", correction)]
        return failure("bad_input", tool=self.name, reason=reason)


def _expression_of(reply: str) -> str:
    try:
        expression = json.loads(reply)["expression"]
    except (ValueError, KeyError, TypeError):
        raise _Untranslatable from None
    # A number alone is an answer from the model's memory, not a calculation.
    if not isinstance(expression, str) or not expression.strip() or _LONE_NUMBER.fullmatch(expression):
        raise _Untranslatable
    return expression.strip()


def _outcome_of(call: ModelCall, *, again: bool) -> str:
    """Whether the reply had the form that was asked for; to say that no expression answers is part of it."""
    if call.reply is None:
        return "failed"
    if cut_short := outcome_of_end(call):
        return cut_short
    try:
        read = json.loads(call.text)
    except ValueError:
        return "failed"
    if not isinstance(read, dict) or "expression" not in read:
        return "failed"
    return "reasked" if again else "parsed"


async def _ask(context: ToolContext, messages: list[Message], *, again: bool) -> str:
    """One call of the model, reported for the trace whether it succeeds, fails or is cut off."""
    request = Request(
        tuple(messages), {"temperature": 0}, max_tokens=200, response_format=RESPONSE_FORMAT, format_fallback="none"
    )
    call = ModelCall(context.llm, request)
    context.report(call.announced(context.step + 1))
    try:
        async with aclosing(call.chunks()) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, Notice):
                    context.report(chunk)
    finally:
        context.report(call.record(context.step, outcome=_outcome_of(call, again=again)))
    if call.reply is None:
        raise ModelError("protocol", "The model's reply broke off.")
    return call.text
