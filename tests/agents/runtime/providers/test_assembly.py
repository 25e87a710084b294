"""What becomes of the chunks of a stream, also of servers that break every norm there is."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.errors import ModelError
from agents.runtime.llm import CallChunk, FunctionCall, Message, Request, TextChunk, Usage
from agents.runtime.providers.assembly import Assembly
from agents.runtime.providers.calls import CallAssembly
from agents.runtime.providers.sse import EventReader
from agents.runtime.tokens import estimated_usage
from tests.agents.runtime.providers.streams import call, delta
from tests.agents.runtime.vectors_of import vectors

ASKED = (Message("user", "Hello"),)


def assembled(*chunks, n=1, done=True):
    """What was shown, and the reply."""
    assembly = Assembly(Request(ASKED, n=n), "m")
    shown = [piece for chunk in chunks for piece in assembly.take(chunk)]
    assembly.done = done
    return shown, assembly.reply()


@pytest.mark.parametrize("case", vectors("stream_deltas"))
def test_streams_as_servers_send_them(case):
    result = case["result"]

    shown, reply = assembled(*case["chunks"], done=False)

    expected = [tuple(wanted) for wanted in result["calls"]]
    made = [
        (known and call.id, call.name, call.arguments) for call, (known, *_) in zip(reply.calls, expected, strict=True)
    ]
    assert made == expected
    assert all(call.id for call in reply.calls)
    assert (reply.text, reply.reasoning) == (result["content"], result["reasoning"])
    assert reply.finish_reason == (result["finish"] or "truncated")
    assert reply.usage.estimated is not result["usage"]
    assert told(shown) == [(call.name, call.arguments) for call in reply.calls]


def told(shown):
    """The calls as somebody sees them who only looks at the pieces."""
    calls = {}
    for piece in shown:
        if isinstance(piece, CallChunk):
            name, arguments = calls.get(piece.place, ("", ""))
            calls[piece.place] = (name + piece.name, arguments + piece.arguments)
    return [calls[place] for place in sorted(calls)]


def test_a_call_that_never_has_a_name_takes_no_place():
    shown, reply = assembled(
        delta(tool_calls=[call(0, "c0", arguments="{}"), call(1, "c1", "a", '{"x": 1}'), call(2, "c2", "b", "{}")]),
    )

    assert [(piece.place, piece.name) for piece in shown] == [(0, "a"), (1, "b")]
    assert [made.name for made in reply.calls] == ["a", "b"]


def test_a_name_that_comes_late_has_its_call_stand_behind_those_named_before():
    shown, reply = assembled(
        delta(tool_calls=[call(0, "c0", arguments='{"x"'), call(1, "c1", "a", "{}")]),
        delta(tool_calls=[call(0, "c0", "b", ": 1}")]),
    )

    assert [(made.id, made.name, made.arguments) for made in reply.calls] == [
        ("c1", "a", "{}"),
        ("c0", "b", '{"x": 1}'),
    ]
    assert told(shown) == [(made.name, made.arguments) for made in reply.calls]


def test_a_call_without_an_id_gets_one_of_its_own():
    _, reply = assembled(delta(tool_calls=[call(0, name="a"), call(1, name="b")]))

    first, second = (each.id for each in reply.calls)
    assert first != second
    assert len(first) == len("call_") + 24


def test_a_legacy_call_is_a_call():
    chunks = [delta(function_call={"name": "a", "arguments": '{"x"'}), delta(function_call={"arguments": ":1}"})]

    _, reply = assembled(*chunks, delta(finish="function_call"))

    assert [(each.name, each.arguments) for each in reply.calls] == [("a", '{"x":1}')]


def test_whole_calls_without_an_index_stay_apart():
    pieces = [{"function": {"name": "a", "arguments": "{}"}}, {"function": {"name": "a", "arguments": "{}"}}]

    _, reply = assembled({"choices": [{"message": {"tool_calls": pieces}, "finish_reason": "tool_calls"}]})

    assert len(reply.calls) == 2


def test_another_name_after_arguments_is_another_call():
    pieces = [{"function": {"name": name, "arguments": "{}"}} for name in ("a", "b")]

    _, reply = assembled(*(delta(tool_calls=[piece]) for piece in pieces))

    assert [(each.name, each.arguments) for each in reply.calls] == [("a", "{}"), ("b", "{}")]


def test_a_name_that_comes_in_pieces_is_put_together_and_one_that_never_comes_is_no_call():
    calls = CallAssembly()
    for piece in (call(0, "c1", "sea"), call(0, "c1", "rch"), call(0, "c1", "", "{}"), call(1, "c2", "", "{}")):
        calls.take(piece)

    assert calls.finished() == (FunctionCall("c1", "search", "{}"),)


def test_a_refusal_is_shown_and_marked():
    shown, reply = assembled(delta(refusal="I can't "), delta(refusal="do that."), delta(finish="stop"))

    assert [piece.text for piece in shown] == ["I can't ", "do that."]
    assert (reply.text, reply.refused) == ("I can't do that.", True)


def test_several_replies_come_interleaved_and_are_told_apart():
    chunks = [
        delta(1, content="B1 "),
        delta(0, content="A"),
        delta(1, content="B2"),
        delta(0, "stop"),
        delta(1, "length"),
    ]

    shown, reply = assembled(*chunks, n=3)

    assert shown == [
        TextChunk("B1 ", choice=1),
        TextChunk("A"),
        TextChunk("B2", choice=1),
        TextChunk("", choice=0, finish_reason="stop"),
        TextChunk("", choice=1, finish_reason="length"),
    ]
    assert (reply.text, reply.finish_reason) == ("A", "stop")
    assert [(choice.text, choice.finish_reason) for choice in reply.choices] == [("A", "stop"), ("B1 B2", "length")]


def test_replies_that_nobody_asked_for_are_left_aside():
    shown, reply = assembled(delta(0, content="A"), delta(1, content="B"), delta(10**9, content="C"))

    assert ([piece.text for piece in shown], reply.choices) == (["A"], ())


def test_logprobs_become_the_mean_of_a_reply():
    def scored(*values, index=0):
        content = [{"token": "x", "logprob": value} for value in values]
        return {"choices": [{"index": index, "delta": {"content": "x"}, "logprobs": {"content": content}}]}

    _, reply = assembled(scored(-1.0, -2.0), scored(-6.0), scored(-4.0, index=1), n=2)
    _, single = assembled(scored(-0.5))

    assert [choice.logprob for choice in reply.choices] == [-3.0, -4.0]
    assert single.choices[0].logprob == -0.5


def test_the_last_of_running_usage_counts():
    used = [{"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": made}} for made in (1, 2, 3)]

    _, reply = assembled(delta(content="x"), *used)

    assert (reply.usage.input, reply.usage.output, reply.usage.estimated) == (5, 3, False)


def test_what_a_server_says_of_each_of_several_replies_is_summed():
    def used(made, cached):
        usage = {"prompt_tokens": 9, "completion_tokens": made, "prompt_tokens_details": {"cached_tokens": cached}}
        return {"choices": [], "usage": usage}

    each = [delta(1, content="B"), delta(1, "stop"), used(2, 4), delta(0, content="A"), delta(0, "stop"), used(3, 0)]
    once = [delta(1, content="B"), delta(1, "stop"), delta(0, content="A"), delta(0, "stop"), used(5, 4)]

    for chunks in (each, once):
        _, reply = assembled(*chunks, n=2)
        assert reply.usage == Usage(9, 5, 4, 0, estimated=False)


@pytest.mark.parametrize(
    "used",
    [
        {},
        {"total_tokens": 9},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": -5, "completion_tokens": 10**12},
    ],
)
def test_a_count_that_is_missing_or_senseless_is_estimated_and_marked(used):
    _, reply = assembled(delta(content="12345678"), {"choices": [], "usage": used})

    assert reply.usage == estimated_usage(Request(ASKED), "12345678")


def test_one_count_that_is_there_is_kept_beside_the_estimate_of_the_other():
    _, read = assembled(delta(content="12345678"), {"choices": [], "usage": {"prompt_tokens": 700}})
    _, written = assembled(delta(content="12345678"), {"choices": [], "usage": {"completion_tokens": 700}})

    assert (read.usage.input, read.usage.output, read.usage.estimated) == (700, 2, True)
    assert (written.usage.output, written.usage.estimated) == (700, True)
    assert written.usage.input > 0


def test_a_reply_without_a_word_may_have_no_tokens():
    _, reply = assembled(delta(finish="stop"), {"usage": {"prompt_tokens": 7, "completion_tokens": 0}})

    assert reply.usage == Usage(7, 0)


def test_no_more_of_a_prompt_is_cached_than_there_is():
    used = {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 1000}}

    _, reply = assembled(delta(content="x"), {"usage": used})

    assert reply.usage.cached == 10


def test_an_empty_field_of_reasoning_does_not_hide_the_other():
    _, reply = assembled(delta(reasoning="", reasoning_content="hm"), delta(reasoning="so", reasoning_content="so"))

    assert reply.reasoning == "hmso"


def test_a_mark_of_byte_order_hides_nothing():
    assert list(EventReader().feed(b'\xef\xbb\xbfdata: {"x": 1}\n\n')) == [{"x": 1}]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"a\ud83d", "a\N{REPLACEMENT CHARACTER}"),
        (rb"\ude00b", "\N{REPLACEMENT CHARACTER}b"),
        (rb"\ud83d\ude00\ud83d", "\N{GRINNING FACE}\N{REPLACEMENT CHARACTER}"),
        (rb"\\ud83d\ud83d", "\\ud83d\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_half_of_a_character_does_not_end_a_stream(written, read):
    assert list(EventReader().feed(b'data: {"x": "' + written + b'"}\n')) == [{"x": read}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
names = (
    "choices",
    "usage",
    "index",
    "delta",
    "message",
    "tool_calls",
    "function",
    "id",
    "name",
    "arguments",
    "content",
)


def hostile(depth):
    """Objects with the names of the API and anything behind them."""
    inner = hostile(depth - 1) if depth else json_values
    return st.dictionaries(st.sampled_from(names), inner | st.lists(inner, max_size=2) | json_values, max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(hostile(3) | json_values, max_size=4))
def test_no_chunk_raises_anything_but_a_failure_of_the_model(chunks):
    with contextlib.suppress(ModelError):
        _, reply = assembled(*chunks, n=2)
        assert all(call.name and call.id for call in reply.calls)
