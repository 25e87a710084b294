"""The memory setting of an agent: what it means, and what is refused with a sentence."""

import pytest

from agents.runtime.errors import ConfigurationError
from agents.runtime.memory import Buffer, RunningSummary, SummaryBuffer, TokenBuffer, Window, parse_memory, sees_history
from tests.agents.runtime.fakes import prompt


@pytest.mark.parametrize(
    ("setting", "policy"),
    [
        ({}, Buffer()),
        ({"policy": "buffer", "turns": 3}, Buffer()),
        ({"policy": "window"}, Window(5)),
        ({"policy": "window", "turns": 0, "max_tokens": None, "model": ""}, Window(0)),
        ({"policy": "token_buffer", "max_tokens": 4000}, TokenBuffer(4000)),
        ({"policy": "summary", "model": "small"}, RunningSummary("small")),
        ({"policy": "summary_buffer", "max_tokens": 800, "model": "small"}, SummaryBuffer(800, "small")),
    ],
)
def test_a_setting_becomes_a_policy(setting, policy):
    assert parse_memory(setting) == policy


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ([], "JSON object"),
        ({"policy": "elephant"}, "There is no memory “elephant”. Choose one of: buffer, window"),
        ({"policy": ["window"]}, "There is no memory"),
        ({"policy": "window", "k": 5}, "no setting “k”. Settings: policy, turns"),
        ({"policy": "window", "turns": -1}, "turns must be a whole number from 0"),
        ({"policy": "window", "turns": True}, "turns must be"),
        ({"policy": "window", "turns": "5"}, "turns must be"),
        ({"policy": "token_buffer", "max_tokens": 10}, "max_tokens must be a whole number from 200 to 1,000,000"),
        ({"policy": "summary", "model": 5}, "slug or the id of a model"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(setting, said):
    with pytest.raises(ConfigurationError, match=said):
        parse_memory(setting)


def test_agents_for_one_question_see_earlier_turns_only_in_a_slot_for_them():
    slotted = prompt(messages=[{"slot": "history"}, {"role": "user", "content": "{{ input }}"}])

    assert sees_history("conversation", prompt())
    assert not sees_history("react-docstore", prompt())
    assert sees_history("react-docstore", slotted)
