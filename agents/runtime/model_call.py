"""A model call that streams, keeps to the deadline and leaves a record."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from decimal import Decimal
from itertools import count
from typing import Any, cast

from agents.runtime.budget import LimitReached
from agents.runtime.errors import ModelError
from agents.runtime.events import ModelCalled, ModelCalling, Notice
from agents.runtime.llm import (
    LLM,
    AnyChunk,
    CallChunk,
    Choice,
    FellBack,
    FunctionCall,
    Reply,
    Request,
    Retrying,
    TextChunk,
    Usage,
)
from agents.runtime.memory.fitting import Fitting
from agents.runtime.partial import PartialChoice
from agents.runtime.tokens import estimated_usage
from agents.runtime.watchdog import Watchdog

RETRY_NOTICES = {
    "rate_limited": "The model's server is busy",
    "overloaded": "The model's server has a problem",
    "timeout": "The model didn't answer in time",
    "unreachable": "The model's server can't be reached",
    "protocol": "The model's server sent an unreadable reply",
    "unsupported": "The model can't call functions",
}

_numbers = count(1)


class ModelCall:
    """One call while it streams. Leaving `chunks` early ends it at the server; `record` tells of it in any case.

    `request` is what is sent, fitted to the model's window.
    """

    def __init__(self, llm: LLM, request: Request, *, deadline: float | None = None) -> None:
        self.llm = llm
        self.reply: Reply | None = None
        self._number = next(_numbers)
        self._fitting = Fitting(llm, request)
        self._deadline = deadline
        self._started = time.monotonic()
        self._first_token_s: float | None = None
        self._choices: dict[int, PartialChoice] = {0: PartialChoice()}
        self._retries = 0
        self._error: str | None = None
        self._error_detail = ""

    @property
    def request(self) -> Request:
        return self._fitting.request

    @property
    def text(self) -> str:
        return self._choices[0].text

    @property
    def finish_reason(self) -> str:
        """A call that was left early said all that was needed."""
        return self.reply.finish_reason if self.reply else "stop"

    @property
    def calls(self) -> tuple[FunctionCall, ...]:
        """The functions that the model wants called; none of a reply that was left early."""
        return self.reply.calls if self.reply else ()

    @property
    def finished_choices(self) -> list[Choice]:
        """Those of several replies that had come to their end, also where the call then broke off."""
        return [choice.so_far("") for _, choice in sorted(self._choices.items()) if choice.finish_reason]

    async def chunks(self) -> AsyncGenerator[TextChunk | CallChunk | Notice]:
        """Text and calls as they come. Raises ModelError, or LimitReached when the run's time is over.

        What the server says is too long is sent once more, with less of it.
        """
        watchdog = Watchdog(self._deadline)
        try:
            async with aclosing(self._fitted(watchdog)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except ModelError as error:
            self._error, self._error_detail = error.code, error.reason
            raise
        except TimeoutError:
            if not watchdog.expired:
                raise
            self._error = "timeout"
            raise LimitReached("timeout") from None
        except asyncio.CancelledError:
            self._error = "cancelled"
            raise
        finally:
            watchdog.close()
        for notice in self._fitting.learn(self.reply) if self.reply else ():
            yield notice

    async def _fitted(self, watchdog: Watchdog) -> AsyncGenerator[TextChunk | CallChunk | Notice]:
        while True:
            try:
                for notice in self._fitting.notices():
                    yield notice
                async with aclosing(cast(AsyncGenerator[Any], self.llm.stream(self.request))) as stream:
                    while (chunk := await watchdog.wait(anext(stream, None))) is not None:
                        if (shown := self._taken(chunk)) is not None:
                            yield shown
                return
            except ModelError as error:
                if self._first_token_s is not None or not self._fitting.refit(error):
                    raise

    def _taken(self, chunk: AnyChunk) -> TextChunk | CallChunk | Notice | None:
        match chunk:
            case TextChunk() | CallChunk():
                self._take(chunk)
                return chunk if isinstance(chunk, CallChunk) or chunk.text else None
            case FellBack():
                return _fallback_notice(chunk)
            case Retrying():
                self._retries += chunk.again
                return _retry_notice(chunk) if chunk.wait_s else None
            case Reply():
                self.reply = chunk
        return None

    def _take(self, chunk: TextChunk | CallChunk) -> None:
        if self._first_token_s is None and (isinstance(chunk, CallChunk) or chunk.text):
            self._first_token_s = time.monotonic() - self._started
        if chunk.choice not in self._choices:
            self._choices[chunk.choice] = PartialChoice()
        self._choices[chunk.choice].take(chunk)

    def announced(self, step: int) -> ModelCalling:
        """What is told before the call: who is cut off in the middle of it can't tell afterwards."""
        return ModelCalling(step, self.llm.name, self.request.to_json(), self._number, self.llm.price)

    def record(self, step: int, *, outcome: str = "", flags: tuple[str, ...] = ()) -> ModelCalled:
        """The whole call for the trace, with how its reply kept to the form that was asked for."""
        reply = self.reply or self._partial()
        first = reply.first_token_s
        return ModelCalled(
            step=step,
            model=reply.model,
            request=_as_sent(self.request, reply),
            response=reply.text,
            reasoning=reply.reasoning,
            usage=reply.usage,
            cost=self._cost(reply),
            finish_reason=reply.finish_reason,
            first_token_ms=None if first is None else round(first * 1000),
            duration_ms=round(reply.duration_s * 1000),
            retries=reply.retries,
            error=self._error,
            error_detail=self._error_detail,
            outcome=outcome,
            flags=flags,
            calls=reply.calls,
            choices=reply.choices,
            call=self._number,
        )

    def _partial(self) -> Reply:
        """A call without an end reported no usage: it is estimated."""
        finish_reason = "" if self._error else "stop"
        choices = [self._choices[place].so_far(finish_reason) for place in sorted(self._choices)]
        shown = "".join(choice.written for choice in choices)
        return Reply(
            text=choices[0].text,
            finish_reason=finish_reason,
            usage=estimated_usage(self.request, shown) if shown or not self._error else Usage(estimated=True),
            model=self.llm.name,
            reasoning=choices[0].reasoning,
            first_token_s=self._first_token_s,
            duration_s=time.monotonic() - self._started,
            retries=self._retries,
            calls=choices[0].calls,
            choices=tuple(choices) if self.request.n > 1 else (),
        )

    def _cost(self, reply: Reply) -> Decimal | None:
        """By the price of the model that answered, which may be a fallback."""
        price = reply.price or self.llm.price
        return None if price is None else price.of(reply.usage)


def _as_sent(request: Request, reply: Reply) -> dict[str, Any]:
    """The request without what the server had refused before, and with a word about that."""
    body = {name: value for name, value in request.to_json().items() if name not in reply.left_out}
    return {**body, "left_out": list(reply.left_out)} if reply.left_out else body


def _retry_notice(retrying: Retrying) -> Notice:
    reason = RETRY_NOTICES.get(retrying.reason, "The model's server failed")
    return Notice("retrying", f"{reason}. Trying again in {max(1, round(retrying.wait_s))} s.")


def _fallback_notice(fell: FellBack) -> Notice:
    reason = RETRY_NOTICES.get(fell.reason, "The model's server failed")
    return Notice("fallback", f"{reason}. {fell.next_model} answers instead of {fell.model}.")
