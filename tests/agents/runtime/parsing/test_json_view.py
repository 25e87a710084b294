"""JSON as people see it while it is written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.parsing.json_view import JsonView

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def shown(text, size=1):
    view = JsonView()
    return "".join(view.feed(text[at : at + size]) for at in range(0, len(text), size))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":1,"b":[true,{}],"c":[]}', '{\n  "a": 1,\n  "b": [\n    true,\n    {}\n  ],\n  "c": []\n}'),
        ('Here it is:\n```json\n{ "a" : "x, y: {" }\n```\nand {"b": 1}', '{\n  "a": "x, y: {"\n}'),
        ('{"a": "half \\" of', '{\n  "a": "half \\" of'),
        ("no JSON at all", ""),
        ("{} {}", "{}"),
    ],
)
def test_a_value_is_laid_out_as_it_comes(text, expected):
    assert shown(text) == expected


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), st.integers(1, 9), st.sampled_from([None, 1, 4]))
def test_a_whole_value_looks_as_json_does(value, size, indent):
    text = json.dumps(value, ensure_ascii=False, indent=indent)

    assert shown(text, size) == json.dumps(value, ensure_ascii=False, indent=2)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='{}[]":,\\ \na1', max_size=60))
def test_no_text_raises(text):
    shown(text)
