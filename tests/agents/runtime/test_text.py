"""What models send must never be more than a database can take."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime.llm import Message, Request
from agents.runtime.providers.assembly import Assembly
from agents.runtime.providers.failures import for_staff
from agents.runtime.text import clean, cleaned
from agents.runtime.tokens import estimated_usage

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@given(ANY_TEXT)
def test_cleaned_text_can_be_encoded_and_holds_no_nul(text):
    assert "\x00" not in clean(text).encode().decode()


@given(ANY_JSON)
def test_cleaned_data_can_be_sent(value):
    assert orjson.loads(orjson.dumps(cleaned(value))) == cleaned(value)


def test_what_is_in_order_stays_as_it_is():
    assert cleaned({"city": "Oslo 👋", "days": 3, "metric": True}) == {"city": "Oslo 👋", "days": 3, "metric": True}


def test_a_server_that_counts_wrongly_or_says_too_much_is_bounded():
    assembly = Assembly(Request((Message("user", "Hi"),)), "m")
    usage = {"prompt_tokens": -1, "completion_tokens": 10**12}
    choice = {"delta": {"content": "a\ud83d\x00b"}, "finish_reason": "x" * 500}

    shown = [chunk.text for chunk in assembly.take({"choices": [choice], "usage": usage})]
    reply = assembly.reply()

    assert shown == ["a��b"]
    assert reply.usage == estimated_usage(assembly.request, reply.text)
    assert len(reply.finish_reason) == 40


def test_what_staff_read_of_a_refusal_holds_no_key():
    said = "401: Incorrect API key provided: sk-proj-abcdefghijkl. Bearer abc.def and tok_0123456789abcdefghijklmn"

    kept = for_staff(said)

    assert kept.startswith("401: Incorrect API key provided: …")
    assert not any(part in kept for part in ("abcdefghijkl", "abc.def", "0123456789"))
    assert len(for_staff("word " * 500)) == 300
