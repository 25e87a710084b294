"""A request that is too long: what gives way, in which order, and what always holds afterwards."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.errors import ModelError
from agents.runtime.llm import FunctionCall, Message, Request
from agents.runtime.memory.blocks import blocks_of, stub
from agents.runtime.memory.context import fit, most_output, room_in
from agents.runtime.tokens import estimated_request

SYSTEM = Message("system", "Help people.")
QUESTION = Message("user", "How high is the tower?", part="question")


def history(turns, words=40):
    said = "word " * words
    pairs = [(Message("user", f"{n} {said}"), Message("assistant", said)) for n in range(turns)]
    return [replace(message, part="history") for pair in pairs for message in pair]


def examples(count):
    pairs = [(Message("user", f"e{n} " + "word " * 40), Message("assistant", "yes")) for n in range(count)]
    return [replace(message, part="example") for pair in pairs for message in pair]


def step(number, result="It was built long ago. " * 40, tools=("Search",)):
    calls = tuple(FunctionCall(f"c{number}-{n}", tool, "{}") for n, tool in enumerate(tools))
    results = [Message("tool", f"{n} {result}", call_id=call.id) for n, call in enumerate(calls)]
    return [Message("assistant", f"Thinking {number}", calls), *results]


def text_step(number, result, _tools=()):
    return [Message("assistant", f"Action: Search\nAction Input: {number}"), Message("user", f"Observation: {result}")]


def request(*messages):
    return Request(tuple(messages))


def shrunk(wanted, share):
    """Fitted into a share of what it needs."""
    return fit(wanted, int(estimated_request(wanted) * share))


def said(fitted):
    return fitted.notice.text if fitted.notice else ""


def test_what_fits_is_left_alone():
    wanted = request(SYSTEM, *history(3), QUESTION)

    assert fit(wanted, estimated_request(wanted)).request is wanted
    assert fit(wanted, estimated_request(wanted)).notice is None


def test_results_of_earlier_steps_are_shortened_first_and_oldest_first():
    wanted = request(SYSTEM, *examples(2), *history(4), QUESTION, *step(1), *step(2), *step(3))
    fitted = shrunk(wanted, 0.95)

    messages = fitted.request.messages
    assert messages[:14] == wanted.messages[:14]
    assert messages[15].content.startswith("[result of Search shortened: 0 It was built")
    assert messages[16:] == wanted.messages[16:]
    assert said(fitted) == "Shortened earlier results to fit the model's context."


def test_then_the_oldest_turns_go_whole():
    wanted = request(SYSTEM, *examples(2), *history(8), QUESTION)
    fitted = shrunk(wanted, 0.7)

    messages = fitted.request.messages
    dropped = len(wanted.messages) - len(messages)
    assert dropped % 2 == 0
    assert messages == (*wanted.messages[:5], *wanted.messages[5 + dropped :])
    assert said(fitted) == f"Left out {dropped} earlier messages to fit the model's context."


def test_then_examples_the_last_first():
    wanted = request(SYSTEM, *examples(4), *history(2), QUESTION)
    fitted = shrunk(wanted, 0.45)

    kept = [message for message in fitted.request.messages if message.part == "example"]
    assert kept == list(wanted.messages[1 : 1 + len(kept)])
    assert 0 < len(kept) < 8
    assert not [message for message in fitted.request.messages if message.part == "history"]


def test_then_whole_steps_with_a_line_in_their_place():
    wanted = request(SYSTEM, QUESTION, *step(1), *step(2, tools=("Search", "Lookup")), *step(3))
    fitted = fit(wanted, 320)

    system, question, thought, result = fitted.request.messages
    assert (system, question) == (SYSTEM, QUESTION)
    assert thought.content == "[2 earlier steps left out; tools used: Search, Lookup]\nThinking 3"
    assert result == wanted.messages[-1]
    assert "Left out earlier steps" in said(fitted)


def test_no_more_steps_go_than_must_and_no_fewer():
    steps = [message for n in range(8) for message in text_step(n, "word " * 30)]
    wanted = request(SYSTEM, QUESTION, *steps)

    for room in range(120, estimated_request(wanted), 7):
        fitted = fit(wanted, room).request
        assert room - 110 < estimated_request(fitted) <= room


def test_the_newest_results_of_functions_are_cut_last():
    wanted = request(SYSTEM, QUESTION, *step(1, "long " * 2000, tools=("Search", "Search")))
    fitted = fit(wanted, 600)

    assert [message.role for message in fitted.request.messages] == ["system", "user", "assistant", "tool", "tool"]
    assert all("characters left out" in message.content for message in fitted.request.messages[3:])
    assert estimated_request(fitted.request) <= 600


def test_what_is_too_long_by_itself_is_refused_with_its_size_and_the_limit():
    with pytest.raises(ModelError, match=r"needs about 2,\d{3} tokens, of which 500 fit") as refused:
        fit(request(SYSTEM, Message("user", "word " * 2000, part="question")), 500)

    assert refused.value.code == "context_overflow"


def test_text_protocols_keep_their_labels_and_their_last_observation():
    steps = [message for n in range(3) for message in text_step(n, "It is high. " * 60)]
    wanted = request(SYSTEM, QUESTION, *steps)
    fitted = shrunk(wanted, 0.75)

    assert fitted.request.messages[3].content.startswith("Observation: [result of Search shortened: It is high.")
    assert fitted.request.messages[-1] == steps[-1]
    with pytest.raises(ModelError):
        fit(wanted, 100)


def test_a_prompt_s_own_messages_stay():
    own = [Message("user", "The document: " + "word " * 100), Message("assistant", "Read.")]
    wanted = request(SYSTEM, *own, *history(4), QUESTION)

    assert shrunk(wanted, 0.4).request.messages == (SYSTEM, *own, QUESTION)


def test_messages_without_marks_are_earlier_turns_before_the_last_user_s():
    wanted = request(SYSTEM, *(Message(m.role, m.content) for m in history(6)), Message("user", "Now?"))
    kinds = [block.kind for block in blocks_of(wanted.messages)]

    assert kinds == ["fixed", *["history"] * 6, "fixed"]
    assert shrunk(wanted, 0.5).request.messages[-1].content == "Now?"


def test_a_stub_shows_how_a_result_began():
    assert (
        stub("Observation 2: " + "a" * 500, "Lookup") == f"Observation 2: [result of Lookup shortened: {'a' * 200} …]"
    )


def test_the_room_leaves_space_for_the_answer_and_for_what_the_estimate_misses():
    assert room_in(8192, 2048) == 8192 - 2048 - 410
    assert room_in(2048, 512) == 2048 - 512 - 256
    assert most_output(4096, 8000) == 2048
    assert most_output(4096, None) is None


# --- what holds whatever is trimmed

WORDS = st.integers(1, 400).map(lambda n: "word " * n)
TOOLS = st.lists(st.sampled_from(["Search", "Lookup"]), max_size=3)


@st.composite
def transcripts(draw):
    marked = draw(st.booleans())
    messages = [Message("system", draw(WORDS))] if draw(st.booleans()) else []
    for n in range(draw(st.integers(0, 3))):
        messages += [Message("user", f"e{n}", part="example"), Message("assistant", draw(WORDS), part="example")]
    for n in range(draw(st.integers(0, 6))):
        messages.append(Message("user", draw(WORDS), part="history"))
        if draw(st.booleans()):
            messages += [replace(m, part="history") for m in step(f"h{n}", draw(WORDS), draw(TOOLS))]
        if draw(st.booleans()):
            messages.append(Message("assistant", draw(WORDS), part="history"))
    messages.append(Message("user", draw(WORDS), part="question"))
    for n in range(draw(st.integers(0, 5))):
        messages += draw(st.sampled_from([step, text_step]))(n, draw(WORDS), draw(TOOLS))
        if draw(st.booleans()):
            messages.append(Message("user", "Your reply was empty."))
    if not marked:
        messages = [replace(message, part="") for message in messages]
    return request(*messages)


@settings(max_examples=150, deadline=None)
@given(transcripts(), st.floats(0.05, 1))
def test_whatever_gives_way_the_request_stays_whole(wanted, share):
    try:
        fitted = shrunk(wanted, share).request
    except ModelError:
        return
    messages = fitted.messages
    assert estimated_request(fitted) <= int(estimated_request(wanted) * share)
    assert next(message for message in messages if message.role != "system").role == "user"
    assert asked(messages) == asked(wanted.messages)
    assert_pairs_are_whole(messages)
    assert_order_is_the_same(messages, wanted.messages)


def asked(messages):
    """The person's message: as marked, else the last user's."""
    marked = [message for message in messages if message.part == "question"]
    return (marked or [message for message in messages if message.role == "user"])[-1]


def assert_pairs_are_whole(messages):
    open_calls = []
    for message in messages:
        if message.role == "tool":
            assert message.call_id in open_calls
            open_calls.remove(message.call_id)
        else:
            assert not open_calls
            open_calls = [call.id for call in message.calls]
    assert not open_calls


def assert_order_is_the_same(messages, before):
    """Each message is one of before, or one of its place with a changed text, and none comes twice."""
    rest = iter(before)
    for message in messages:
        assert any((message.role, message.calls, message.call_id) == (m.role, m.calls, m.call_id) for m in rest)
