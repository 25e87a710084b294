"""A scripted OpenAI-compatible server, so that tests need no model: it replies by rules, slowly or badly on request.

    python tests/stub_model.py --port 9100 --script rules.json
    async with StubModel([{"contains": "weather", "reply": "Sunny."}]) as stub: stub.base_url

A rule matches by `contains`, `equals` or `regex` on the last message, by `system` (text that the system message must
contain), by `role` of the last message, by `model` and by `has` (names of parameters); the first one that matches wins,
and no condition matches everything. It answers with `reply`, or with `replies` in turn (the last repeats), split into
words; `times` ends a rule after so many uses. Without a matching rule the last message is repeated back.

    first_token_s, token_s   delays before the first and each further piece      reasoning   text sent as reasoning
    status, message, code    an HTTP error instead, with `retry_after` seconds   finish      finish_reason (null: none)
    drop_at: N               the connection breaks after N pieces                stall_at    silence from piece N on
    malformed_at, error_at   a chunk that isn't JSON, an error object in-band    whole       one JSON, stream or not
    refuse: [names]          400 when the request has one of these parameters    usage       false: none is reported
                             (of two pieces, trouble at 3 comes after the usage and before the end)
    body                     this text as it is, with `content_type` and `headers`

GET /v1/models lists `stub`; GET /_log gives the requests received; GET /_stats counts them, and those that the client
cut off.
"""

import argparse
import asyncio
import contextlib
import json
import re
import time
from typing import Any

PIECE = re.compile(r"\s*\S+|\s+\Z")
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
MODEL = {"id": "stub", "object": "model", "created": 0, "owned_by": "tests"}


class StubModel:
    """The server. `requests` are the bodies received, `cut_off` counts replies that the client didn't wait for."""

    def __init__(self, rules: list[dict[str, Any]] | None = None, *, port: int = 0, api_key: str = "") -> None:
        self.rules = rules or []
        self.port = port
        self.api_key = api_key
        self.requests: list[dict[str, Any]] = []
        self.cut_off = 0
        self.was_cut_off = asyncio.Event()
        self._uses: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> "StubModel":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            while request := await read_request(reader):
                await self._answer(*request, Connection(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes, to: "Connection") -> None:
        if path == "/_log":
            return await to.send(200, self.requests)
        if path == "/_stats":
            return await to.send(200, {"requests": len(self.requests), "cut_off": self.cut_off})
        if self.api_key and headers.get("authorization") != f"Bearer {self.api_key}":
            return await to.send(401, problem("Incorrect API key provided", "invalid_api_key"))
        if path == "/v1/models":
            return await to.send(200, {"object": "list", "data": [MODEL]})
        if (method, path) != ("POST", "/v1/chat/completions"):
            return await to.send(404, problem(f"There is no {method} {path} here", None))
        request = json.loads(body)
        self.requests.append(request)
        return await self._complete(request, to)

    async def _complete(self, request: dict[str, Any], to: "Connection") -> None:
        rule, text = self._choose(request)
        if refused := [name for name in rule.get("refuse", ()) if name in request]:
            message = f"Unsupported parameter: '{refused[0]}' is not supported with this model."
            return await to.send(400, problem(message, "unsupported_parameter", refused[0]))
        if status := rule.get("status"):
            extra = f"Retry-After: {rule['retry_after']}\r\n" if "retry_after" in rule else ""
            return await to.send(status, problem(rule.get("message", "no"), rule.get("code")), extra)
        if "body" in rule:
            extra = "".join(f"{name}: {value}\r\n" for name, value in rule.get("headers", {}).items())
            return await to.send_text(200, rule["body"], rule.get("content_type", "text/html"), extra)
        completion = Completion(request, rule, text)
        try:
            if rule.get("whole") or not request.get("stream"):
                await asyncio.sleep(rule.get("first_token_s", 0))
                return await to.send(200, completion.whole())
            return await to.while_connected(completion.stream_to(to))
        except ConnectionError:
            self.cut_off += 1
            self.was_cut_off.set()
            raise

    def _choose(self, request: dict[str, Any]) -> tuple[dict[str, Any], str]:
        messages = request.get("messages") or [{}]
        last = messages[-1]
        system = "\n".join(text_of(m) for m in messages if m.get("role") == "system")
        for number, rule in enumerate(self.rules):
            used = self._uses.get(number, 0)
            if used < rule.get("times", float("inf")) and matches(rule, request, last, system):
                self._uses[number] = used + 1
                replies = rule.get("replies") or [rule.get("reply", "")]
                return rule, replies[min(used, len(replies) - 1)]
        return {}, text_of(last)


class Completion:
    """One reply, as a stream of chunks or whole."""

    def __init__(self, request: dict[str, Any], rule: dict[str, Any], text: str) -> None:
        self.request = request
        self.rule = rule
        self.pieces = PIECE.findall(text)
        limit = request.get("max_tokens") or request.get("max_completion_tokens") or len(self.pieces)
        self.finish = "length" if limit < len(self.pieces) else rule.get("finish", "stop")
        self.pieces = self.pieces[:limit]

    async def stream_to(self, to: "Connection") -> None:
        await to.start_stream()
        await to.event(self._chunk({"role": "assistant", "content": ""}))
        await asyncio.sleep(self.rule.get("first_token_s", 0))
        for piece in PIECE.findall(self.rule.get("reasoning", "")):
            await to.event(self._chunk({"reasoning_content": piece}))
        for number, piece in enumerate(self.pieces):
            await self._trouble(number, to)
            await to.event(self._chunk({"content": piece}))
            await asyncio.sleep(self.rule.get("token_s", 0))
        await self._trouble(len(self.pieces), to)
        if self.finish is not None:
            await to.event(self._chunk({}, self.finish))
        wants_usage = (self.request.get("stream_options") or {}).get("include_usage")
        if wants_usage and self.rule.get("usage", True):
            await to.event({**self._chunk({}), "choices": [], "usage": self._usage()})
        await self._trouble(len(self.pieces) + 1, to)
        await to.end_stream(done=self.finish is not None)

    async def _trouble(self, number: int, to: "Connection") -> None:
        if self.rule.get("drop_at") == number:
            to.abort()
        if self.rule.get("stall_at") == number:
            await asyncio.Event().wait()
        if self.rule.get("malformed_at") == number:
            await to.line("data: {not json")
        if self.rule.get("error_at") == number:
            await to.event(problem(self.rule.get("message", "The server had an error"), self.rule.get("code")))

    def whole(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": "".join(self.pieces)}
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return {**self._envelope("chat.completion"), "choices": [choice], "usage": self._usage()}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self._envelope("chat.completion.chunk"), "choices": [choice]}

    def _envelope(self, kind: str) -> dict[str, Any]:
        model = self.request.get("model", "stub")
        return {"id": "chatcmpl-stub", "object": kind, "created": int(time.time()), "model": model}

    def _usage(self) -> dict[str, Any]:
        asked = sum(len(PIECE.findall(text_of(message))) for message in self.request.get("messages", ()))
        made = len(self.pieces)
        return {"prompt_tokens": asked, "completion_tokens": made, "total_tokens": asked + made}


class Connection:
    """HTTP/1.1 to one client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, status: int, content: Any, extra: str = "") -> None:
        await self.send_text(status, json.dumps(content), "application/json", extra)

    async def send_text(self, status: int, text: str, content_type: str, extra: str = "") -> None:
        body = text.encode()
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}\r\nContent-Type: {content_type}\r\n{extra}"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await self.writer.drain()

    async def start_stream(self) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.writer.write(head.encode())
        await self.writer.drain()

    async def event(self, content: Any) -> None:
        await self.line(f"data: {json.dumps(content)}")

    async def line(self, text: str) -> None:
        data = f"{text}\n\n".encode()
        self.writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await self.writer.drain()

    async def end_stream(self, *, done: bool) -> None:
        if done:
            await self.line("data: [DONE]")
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    def abort(self) -> None:
        self.writer.transport.abort()
        raise asyncio.IncompleteReadError(b"", None)

    async def while_connected(self, work: Any) -> None:
        """Do it, unless the client goes away; then a ConnectionError says so."""
        sending = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(self._until_gone())
        try:
            await asyncio.wait((sending, gone), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise ConnectionAbortedError
            sending.result()
        finally:
            for task in (sending, gone):
                task.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)

    async def _until_gone(self) -> None:
        """A client sends nothing while it is being answered, so the end of its side is the end of the connection."""
        while not (self.reader.at_eof() or self.reader.exception()):
            await asyncio.sleep(0.005)


async def read_request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes] | None:
    """Method, path, headers and body, or None when the client has hung up."""
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while header := (await reader.readline()).decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, target.partition("?")[0], headers, body


def matches(rule: dict[str, Any], request: dict[str, Any], last: dict[str, Any], system: str) -> bool:
    text = text_of(last)
    return (
        rule.get("model", request.get("model")) == request.get("model")
        and rule.get("role", last.get("role")) == last.get("role")
        and all(name in request for name in rule.get("has", ()))
        and rule.get("contains", "") in text
        and rule.get("equals", text) == text
        and rule.get("system", "") in system
        and re.search(rule.get("regex", ""), text) is not None
    )


def text_of(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)


def problem(message: str, code: str | None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "stub_error", "param": param, "code": code}}


async def serve(port: int, rules: list[dict[str, Any]]) -> None:
    async with StubModel(rules, port=port) as stub:
        print(f"Stub model at {stub.base_url}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible server for tests.")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--script", help='JSON file: a list of rules, or {"rules": [...]}')
    options = parser.parse_args()
    rules: Any = []
    if options.script:
        with open(options.script, encoding="utf-8") as script:
            rules = json.load(script)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(options.port, rules["rules"] if isinstance(rules, dict) else rules))


if __name__ == "__main__":
    main()
