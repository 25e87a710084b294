"""What a server sends, written by hand: chunks of a stream, and their bytes."""

import json


def delta(index=0, finish=None, **fields):
    return {"choices": [{"index": index, "delta": fields, "finish_reason": finish}]}


def call(index=0, id="", name="", arguments=""):
    return {"index": index, "id": id, "function": {"name": name, "arguments": arguments}}


def rule(*chunks, **fields):
    """A rule of the stub: these chunks as an event stream."""
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return {"body": body, "content_type": "text/event-stream", **fields}
