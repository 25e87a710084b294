"""Messages in the form that a server's chat template takes."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.llm import Capabilities, FunctionCall, Message
from agents.runtime.providers.messages import shaped, to_json

CALL = FunctionCall("c1", "search", "{}")
ASKED = [Message("system", "Be brief."), Message("system", "Be kind."), Message("user", "Hi"), Message("user", "there")]


def written(messages):
    return [(message.role, message.content) for message in messages]


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        (Capabilities(), written(ASKED)),
        (
            Capabilities(system_role="merge_into_user"),
            [("user", "Be brief.\n\nBe kind.\n\nHi"), ("user", "there")],
        ),
        (Capabilities(alternate_roles=True), [("system", "Be brief.\n\nBe kind."), ("user", "Hi\n\nthere")]),
        (
            Capabilities(system_role="merge_into_user", alternate_roles=True),
            [("user", "Be brief.\n\nBe kind.\n\nHi\n\nthere")],
        ),
    ],
)
def test_what_a_template_refuses_is_folded(capabilities, expected):
    assert written(shaped(ASKED, capabilities)) == expected


def test_a_system_message_without_a_question_becomes_one():
    assert written(shaped([Message("system", "Speak.")], Capabilities(system_role="merge_into_user"))) == [
        ("user", "Speak.")
    ]


def test_calls_and_their_results_stay_apart():
    messages = [
        Message("user", "Find"),
        Message("assistant", "", calls=(CALL,)),
        Message("tool", "one", call_id="c1"),
        Message("tool", "two", call_id="c2"),
        Message("assistant", "Found"),
        Message("assistant", "it."),
    ]

    folded = shaped(messages, Capabilities(alternate_roles=True))

    assert folded[:4] == messages[:4]
    assert written(folded[4:]) == [("assistant", "Found\n\nit.")]


def test_reasoning_goes_back_only_where_it_is_demanded():
    messages = [Message("user", "Hi"), Message("assistant", "Yes.", reasoning="Hm.")]

    assert "reasoning_content" not in to_json(messages, with_reasoning=False)[1]
    assert to_json(messages, with_reasoning=True)[1]["reasoning_content"] == "Hm."


roles = st.sampled_from(["system", "user", "assistant", "tool"])
transcripts = st.lists(st.builds(Message, roles, st.text(max_size=5)), max_size=8)


@settings(max_examples=60, deadline=None)
@given(transcripts)
def test_folding_loses_no_word_and_leaves_no_neighbours(messages):
    folded = shaped(messages, Capabilities(system_role="merge_into_user", alternate_roles=True))

    said = "".join(message.content for message in folded)
    assert all(message.content in said for message in messages if message.content.strip())
    assert not any(a.role == b.role != "tool" for a, b in pairwise(folded))
