"""Smaller questions first."""

import json

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.events import ModelCalled, Notice
from agents.runtime.llm import Capabilities
from agents.runtime.scripted import ScriptedLLM, reply
from agents.runtime.strategies.decomposition import subquestions_in
from tests.agents.runtime.fakes import finished, only, steps
from tests.agents.runtime.strategies.conftest import PROBLEM

PLAN = json.dumps({"subquestions": ["How many pens are there?", "How many are given away?"]})


async def test_each_question_is_answered_with_the_earlier_answers_at_hand(ask):
    llm = ScriptedLLM(PLAN, "3 * 4 = 12\nAnswer: 12", "Answer: 2", "12 - 2 = 10\nAnswer: 10")
    events = await ask(llm, "least_to_most")
    kinds = [kind for kind, _ in steps(events)]
    assert kinds == ["plan", "subquestion", "subquestion", "subquestion", "answer"]
    assert steps(events)[0][1] == "1. How many pens are there?\n2. How many are given away?\n3. The question itself"
    end = finished(events)
    assert (end.answer, end.extraction.value) == ("10", "10")
    plan, first, second, last = llm.requests
    assert plan.response_format["json_schema"]["name"] == "subquestions"
    assert (
        first.messages[-1].content == f"{PROBLEM}\n\nThink step by step before you answer.\n\nHow many pens are there?"
    )
    assert [message.role for message in second.messages] == ["system", "user", "assistant", "user"]
    assert second.messages[2].content == "3 * 4 = 12\nAnswer: 12"
    assert second.messages[3].content == "How many are given away?"
    assert last.messages[-1].content.startswith("Now the question of the whole problem: How many are left?")


async def test_a_problem_without_smaller_questions_is_answered_step_by_step(ask):
    llm = ScriptedLLM('{"subquestions": []}', "12 - 2\nAnswer: 10")
    events = await ask(llm, "least_to_most")
    assert [notice.code for notice in only(events, Notice)] == ["not_decomposed"]
    assert (finished(events).extraction.value, len(llm.requests)) == ("10", 2)


async def test_a_server_without_schemas_answers_in_numbered_lines(ask):
    capabilities = Capabilities(json_schema=False)
    llm = ScriptedLLM(
        "1. How many pens are there?\n2) How many are given away?", "Answer: 10", capabilities=capabilities
    )
    events = await ask(llm, "least_to_most")
    assert llm.requests[0].response_format is None
    assert len([kind for kind, _ in steps(events) if kind == "subquestion"]) == 3


async def test_the_problem_stays_where_the_window_is_full(ask):
    plan = json.dumps({"subquestions": [f"How many in part {n}?" for n in range(3)]})
    llm = ScriptedLLM(plan, *["4. " + "Because it is so. " * 110] * 3, "Answer: 10", context_window=2048)

    events = await ask(llm, "least_to_most")

    assert all(PROBLEM in "".join(m.content for m in request.messages) for request in llm.requests)
    assert any("Left out" in notice.text for notice in only(events, Notice))


async def test_each_call_says_how_its_reply_was(ask):
    llm = ScriptedLLM(PLAN, "no number here", "Answer: 10")
    events = await ask(llm, "least_to_most")
    assert [call.outcome for call in only(events, ModelCalled)] == ["parsed", "failed", "parsed", "parsed"]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ('{"subquestions": ["Who?", "When?"]}', ["Who?", "When?", "Q"]),
        ('["Who?", "who", "When?"]', ["Who?", "When?", "Q"]),
        ('```json\n{"subquestions": ["Who?"]}\n```', ["Who?", "Q"]),
        ("1. Who?\n2) When?\n- Where?", ["Who?", "When?", "Where?", "Q"]),
        ('First "How many pens?" and then "How many left?"', ["How many pens?", "How many left?", "Q"]),
        ("['Who?', 'When?']", ["Who?", "When?", "Q"]),
        ("Q1: Who?\nStep 2: When?\n**3.** Where?\n4. **How?**", ["Who?", "When?", "Where?", "How?", "Q"]),
        ("Who?\nWhen?", []),
        ("", []),
        ('{"subquestions": ["Q"]}', []),
        ('{"subquestions": ["Who?", "q."]}', ["Who?", "Q"]),
        ('{"subquestions": [1, null]}', []),
        ('{"subquestions": ["Who?", "When?", "Where?", "Why?"]}', ["Who?", "When?", "Q"]),
        ("[" * 5000, []),
    ],
)
def test_lists_are_read_in_all_their_forms(reply, found):
    assert subquestions_in(reply, "Q", 3 if "Why?" in reply else 8) == found


def test_what_the_problem_asks_in_its_end_is_no_part():
    reply = '{"subquestions": ["How many pens are there?", "How many are left?"]}'
    assert subquestions_in(reply, PROBLEM, 8) == ["How many pens are there?", PROBLEM]


async def test_a_server_that_declines_to_plan_is_asked_no_further(ask):
    events = await ask(ScriptedLLM(reply("I can't help with that.", refused=True)), "least_to_most")
    assert (finished(events).answer, finished(events).outcome) == ("I can't help with that.", "refused")
    assert [call.outcome for call in only(events, ModelCalled)] == ["refused"]


@pytest.mark.parametrize(
    "unusable",
    [
        reply("I can't help with that.", refused=True),
        reply("There are 1", finish_reason="length"),
        reply("There are 1", finish_reason="content_filter"),
    ],
)
async def test_a_part_that_was_not_answered_is_passed_on_as_unknown(ask, unusable):
    llm = ScriptedLLM(PLAN, unusable, "Answer: 2", "Answer: 10")
    events = await ask(llm, "least_to_most")
    assert llm.requests[2].messages[-2].content == "unknown"
    assert finished(events).extraction.value == "10"


async def test_the_ladder_stands_where_asking_again_fails(ask):
    failing = ModelError("overloaded", "Busy")
    events = await ask(ScriptedLLM(PLAN, "Answer: 12", "Answer: 2", "Some.", failing), "least_to_most")
    assert (finished(events).answer, finished(events).outcome) == ("Some.", "failed")


async def test_reasoning_that_was_cut_off_at_the_end_has_no_answer(ask):
    cut = reply("12 - 2 leaves 30", finish_reason="length")
    events = await ask(ScriptedLLM(PLAN, "Answer: 12", "Answer: 10", cut), "least_to_most")
    assert (finished(events).extraction.value, finished(events).outcome) == (None, "truncated")


async def test_the_last_question_is_asked_again_where_it_has_no_answer(ask):
    events = await ask(ScriptedLLM(PLAN, "Answer: 12", "Answer: 10", "Some.", '{"answer": 10}'), "least_to_most")
    assert (finished(events).extraction.value, finished(events).outcome) == ("10", "reasked")
