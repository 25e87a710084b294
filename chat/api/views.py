"""The OpenAI-compatible API: every agent is a model named by its slug; `prompt:<slug>@<label or number>` is one too."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from agents.models import Agent, PromptVersion, User
from agents.runtime.errors import ConfigurationError
from agents.services.agents import resolve_agent, resolve_prompt
from agents.services.prompts import UnknownPrompt, resolve
from chat.api.completions import Delta, End, chunk, completion, follow, usage_chunk
from chat.api.errors import ApiError
from chat.api.requests import ChatRequest, parse_request
from chat.identity import bearer, user_of_key
from chat.models import Run
from chat.services import runs
from config.db import in_db


def api_view(*methods: str) -> Callable[..., Any]:
    """Bearer key, method, and refusals as OpenAI words them."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @csrf_exempt
        @functools.wraps(view)
        async def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise ApiError(405, "method_not_allowed", f"Use {' or '.join(methods)} here.")
                return await view(request, await _user_of(request), **kwargs)
            except ApiError as error:
                return error.response()
            except RequestDataTooBig:
                return ApiError(413, "request_too_large", "The request is too large.").response()

        return answer

    return decorate


@api_view("GET")
async def models(request: HttpRequest, user: User) -> JsonResponse:
    rows = await in_db(lambda: [_describe(agent) for agent in Agent.objects.offered()])
    return JsonResponse({"object": "list", "data": rows})


@api_view("GET")
async def model(request: HttpRequest, user: User, name: str) -> JsonResponse:
    agent = await in_db(lambda: Agent.objects.offered().filter(slug=name).first())
    if agent is None:
        raise _unknown(name)
    return JsonResponse(_describe(agent))


@api_view("POST")
async def chat_completions(request: HttpRequest, user: User) -> HttpResponse:
    call = await in_db(_resolve, user, parse_request(request.body))
    if call.asked.stream:
        headers = {"Cache-Control": "no-cache"}
        return StreamingHttpResponse(_stream(call), content_type="text/event-stream", headers=headers)
    return JsonResponse(await _whole(call))


async def _user_of(request: HttpRequest) -> User:
    key = bearer(request.headers.get("Authorization", ""))
    user = None if key is None else await in_db(user_of_key, key)
    if user is None:
        raise ApiError(401, "invalid_api_key", "The API key is missing, unknown or revoked. Make one in the admin.")
    return user


@dataclass(frozen=True)
class _Call:
    """A call that is in order: who asks what of which agent."""

    user: User
    asked: ChatRequest
    agent: Agent | None
    version: PromptVersion | None
    snapshot: dict[str, Any]

    def start(self) -> Run:
        return runs.start_api_run(
            user=self.user,
            client_id=f"api-{uuid4()}",
            messages=[message.to_turn() for message in self.asked.messages],
            agent=self.agent,
            version=self.version,
            snapshot=self.snapshot,
        )


def _resolve(user: User, asked: ChatRequest) -> _Call:
    return _Call(user, asked, *_target(asked.model))


async def _started(call: _Call) -> Run:
    """Its run. A caller who hangs up in this moment leaves none behind."""
    starting = asyncio.ensure_future(in_db(call.start))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        run = await starting
        await in_db(runs.request_cancel, user=call.user, run_id=run.pk)
        raise


def _target(name: str) -> tuple[Agent | None, PromptVersion | None, dict[str, Any]]:
    if name.startswith("prompt:"):
        try:
            version = resolve(name.removeprefix("prompt:"), default="production")
        except UnknownPrompt as error:
            raise ApiError(404, "model_not_found", str(error), param="model") from error
        return None, version, resolve_prompt(version)
    agent = Agent.objects.offered().select_related("prompt", "chain").filter(slug=name).first()
    if agent is None:
        raise _unknown(name)
    try:
        return agent, *resolve_agent(agent)
    except ConfigurationError as error:
        raise ApiError(503, "agent_not_ready", str(error)) from error


def _unknown(name: str) -> ApiError:
    message = f"There is no agent called “{name}”. GET /v1/models lists them; prompt:<slug> addresses a prompt."
    return ApiError(404, "model_not_found", message, param="model")


async def _stream(call: _Call) -> AsyncIterator[bytes]:
    """The run starts with the first look at its stream: a caller who has gone by then has started nothing."""
    run, asked = await _started(call), call.asked
    yield _event(chunk(run, asked.model, {"role": "assistant", "content": ""}))
    try:
        async with aclosing(follow(run)) as pieces:
            async for piece in pieces:
                if isinstance(piece, End):
                    yield _event(chunk(run, asked.model, {}, piece.finish_reason))
                    if asked.wants_usage:
                        yield _event(usage_chunk(run, asked.model, piece.usage))
                elif fields := _fields(piece, asked):
                    yield _event(chunk(run, asked.model, fields))
    except ApiError as error:
        yield _event(error.body())
    yield b"data: [DONE]\n\n"


async def _whole(call: _Call) -> dict[str, Any]:
    run, reasoning, end = await _started(call), "", None
    async with aclosing(follow(run)) as pieces:
        async for piece in pieces:
            if isinstance(piece, End):
                end = piece
            elif piece.reasoning:
                reasoning += piece.text
    assert end is not None
    return completion(run, call.asked.model, reasoning if call.asked.parley.reasoning else "", end)


def _fields(delta: Delta, asked: ChatRequest) -> dict[str, str]:
    if not delta.reasoning:
        return {"content": delta.text}
    return {"reasoning_content": delta.text} if asked.parley.reasoning else {}


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def _describe(agent: Agent) -> dict[str, Any]:
    return {"id": agent.slug, "object": "model", "created": 0, "owned_by": "parley"}
