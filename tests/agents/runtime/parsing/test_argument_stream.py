"""Arguments on their way to the screen."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.parsing.argument_stream import ArgumentStream


def shown(text, field, size=1):
    stream = ArgumentStream(field)
    return "".join(stream.feed(text[at : at + size]) for at in range(0, len(text), size))


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ('{"input": "Oslo"}', "input", "Oslo"),
        ('{"other": "x", "input": "a\\n\\"b\\""}', "input", 'a\n"b"'),
        ('{"input": "half', "input", "half"),
        ('{"inner": {"input": "no"}, "list": ["input"], "input": "yes"}', "input", "yes"),
        ('{"input": "\\ud83d\\ude00 \\u00e9 \\ud83d"}', "input", "😀 é "),
        ('"bare"', "input", "bare"),
        ('{"input": "x"}\n```\n{"input": "y"}', "input", "x"),
        ('```json\n{"a": [1, {"b": "}"}]}\n``` done', None, '{"a": [1, {"b": "}"}]}'),
        ("", None, ""),
    ],
)
def test_one_field_or_the_whole_object(text, field, expected):
    assert shown(text, field) == expected


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.text(max_size=4), st.text(max_size=9) | st.integers() | st.none(), max_size=4),
    st.text(),
    st.booleans(),
    st.integers(1, 7),
)
def test_the_text_of_a_field_is_shown_as_it_is(others, value, ascii_only, size):
    text = json.dumps({**others, "input": value}, ensure_ascii=ascii_only)

    assert shown(text, "input", size) == re.sub("[\r\b\f]", "", value)
    assert shown(text, None, size) == text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='{}[]":,\\ud8dc0a', max_size=60))
def test_no_text_raises_or_makes_half_a_character(text):
    shown(text, "a").encode()
    shown(text, None).encode()
