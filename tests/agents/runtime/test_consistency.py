"""What is scored or read as a value is asked for in the same way each time."""

import pytest

from agents.runtime.consistency import SEED, consistent
from agents.runtime.llm import Message
from agents.runtime.prompts import parse_prompt
from agents.runtime.requests import request_for
from agents.runtime.scripted import ScriptedLLM


def prompt(**fields):
    return parse_prompt({"messages": [{"role": "user", "content": "How many?"}], **fields})


def parameters_of(spec):
    return request_for(ScriptedLLM("1"), spec, [Message("user", "How many?")]).parameters


@pytest.mark.parametrize("strategy", ["direct", "zero_shot_cot", "few_shot_cot"])
def test_a_prompt_with_a_declared_answer_is_asked_at_temperature_0_with_a_seed(strategy):
    spec = prompt(output={"kind": "number"}, strategy=strategy)

    assert parameters_of(spec) == {"temperature": 0, "seed": SEED}


@pytest.mark.parametrize("own", [{"temperature": 0.7}, {"seed": 9}])
def test_a_prompt_that_names_either_decides_for_itself(own):
    assert parameters_of(prompt(output={"kind": "number"}, parameters=own)) == own


def test_text_is_free_in_the_chat_and_the_same_where_it_is_measured():
    spec = prompt()

    assert parameters_of(spec) == {}
    assert parameters_of(consistent(spec)) == {"temperature": 0, "seed": SEED}
