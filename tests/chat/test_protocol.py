import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import CommandError
from chat.protocol import MAX_FRAME_CHARS, Ping, RunStart, parse_command

START = {"type": "run.start", "id": "1", "conversation": None, "agent": "assistant", "text": "Hi"}


def test_a_start_is_read_with_its_parent_absent_null_or_given():
    absent = parse_command(json.dumps(START))
    null = parse_command(json.dumps({**START, "parent": None}))

    assert isinstance(absent, RunStart)
    assert not absent.names_parent
    assert null.names_parent and null.parent is None


def test_a_ping_needs_no_id():
    assert isinstance(parse_command('{"type": "ping"}'), Ping)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "type"),
        ('{"type": "run.fly", "id": "1"}', "type"),
        ('{"type": "run.start", "id": "1"}', "text"),
        ('{"type": "run.start", "text": "Hi"}', "id"),
        ('{"type": "run.cancel", "id": "1", "run": "no-uuid"}', "run"),
        ('{"type": "watch", "id": "1", "conversation": "x", "after": []}', "conversation"),
        ('"' + "x" * MAX_FRAME_CHARS + '"', "longer than"),
        (None, "binary"),
    ],
)
def test_a_malformed_frame_is_refused_with_what_is_wrong(frame, reason):
    with pytest.raises(CommandError, match=reason) as caught:
        parse_command(frame)
    assert caught.value.code == "bad_request"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_no_json_makes_the_parser_fail_in_another_way(value):
    with pytest.raises(CommandError) as caught:
        parse_command(json.dumps({"type": "run.start", "id": value, "text": value, "conversation": value}))
    assert caught.value.code == "bad_request"
