"""What steps do without a model."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.chains.transforms import TRANSFORMS
from agents.runtime.errors import RunError


@pytest.mark.parametrize(
    ("name", "value", "options", "given_back"),
    [
        ("strip", "  a b \n", {}, "a b"),
        ("lower", "LOUD", {}, "loud"),
        ("upper", 3, {}, "3"),
        ("first_line", "\n  one\ntwo", {}, "one"),
        ("number", "about 1,250 people", {}, "1250"),
        ("lines", "a\n\n b \n", {}, ["a", "b"]),
        ("json", 'Here: {"a": [1]}', {}, {"a": [1]}),
        ("json", [1], {}, [1]),
        ("json_field", '{"x": 1} {"a": {"b": 2}}', {"field": "a"}, {"b": 2}),
        ("json_field", {"a": None}, {"field": "a"}, None),
        ("join", ["a", {"b": 1}, None, 2], {"separator": " / "}, 'a / {"b":1} / 2'),
        ("join", ["a", "b"], {"separator": r"\n- "}, "a\n- b"),
        ("join", ["a", "b"], {}, "a\nb"),
    ],
)
def test_a_transform_gives(name, value, options, given_back):
    assert TRANSFORMS[name].apply(value, options) == given_back


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [("number", "none", {}), ("json", "no braces", {}), ("json_field", "{}", {"field": "a"}), ("join", "text", {})],
)
def test_what_isnt_there_is_said(name, value, options):
    with pytest.raises(RunError) as failed:
        TRANSFORMS[name].apply(value, options)

    assert failed.value.code == "no_answer"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(TRANSFORMS)), plain | st.text('{}[]",:1a\n\\', max_size=60))
def test_no_value_raises_anything_else(name, value):
    with suppress(RunError):
        TRANSFORMS[name].apply(value, {"field": "a", "separator": ","})
