"""The agent that takes questions apart."""

import pytest

from agents.runtime.events import Notice
from agents.runtime.limits import Limits
from tests.agents.runtime.agents.spoken import SELF_ASK, run, scripted
from tests.agents.runtime.fakes import FakeTool, finished, only

ANSWERS = {"How long is the Danube?": "2,850 km", "How long is the Rhine?": "1,230 km"}


def tool(answer=lambda question: ANSWERS[question], **given):
    return FakeTool("Intermediate Answer", answer, **given)


async def test_questions_and_answers_alternate():
    llm = scripted(
        "Are follow up questions needed here: Yes.\nFollow up: How long is the Danube?",
        "Follow up: How long is the Rhine?",
        "So the final answer is: the Danube",
    )

    end = finished(await run(SELF_ASK, llm, tool()))

    assert [message.role for message in llm.requests[2].messages] == ["system", *["user", "assistant"] * 2, "user"]
    assert llm.requests[2].messages[-1].content == "Intermediate answer: 1,230 km"
    assert llm.requests[0].stop == ("\nIntermediate answer:",)
    assert (end.answer, end.flags) == ("the Danube", ())


async def test_no_question_is_asked_where_none_is_needed():
    searching = tool()

    end = finished(await run(SELF_ASK, scripted("No.\nSo the final answer is: Au"), searching))

    assert (end.answer, end.flags, searching.inputs) == ("Au", (), [])


def failing():
    return tool(lambda question: f"Nothing about {question}", error="not_found")


async def test_after_two_searches_that_fail_the_model_may_answer_without_and_that_is_said():
    llm = scripted("Follow up: a", "Follow up: b", "So the final answer is: c")

    events = await run(SELF_ASK, llm, failing())

    told = [request.messages[-1].content for request in llm.requests[1:]]
    assert told[0] == "Intermediate answer: no result found"
    assert told[1].startswith("Intermediate answer: no result found\nYou may answer from what you know")
    end = finished(events)
    assert (end.answer, end.stop_reason, end.flags) == ("c", "finished", ("not_looked_up",))
    assert [notice.code for notice in only(events, Notice)] == ["not_looked_up"]


async def test_a_third_search_that_fails_ends_the_run():
    llm = scripted("Follow up: a", "Follow up: b", "Follow up: c", "I believe d.")

    end = finished(await run(SELF_ASK, llm, failing()))

    assert (end.answer, end.stop_reason, end.flags) == ("I believe d.", "loop", ("not_looked_up",))


async def test_a_sentence_of_ours_is_no_knowledge_of_the_model_and_quotes_no_failure():
    llm, limits = scripted("Follow up: a", "Follow up: b", "Follow up: c"), Limits(on_limit="force")

    end = finished(events := await run(SELF_ASK, llm, failing(), limits=limits))

    assert end.answer == "I stopped because I was repeating myself without a complete answer."
    assert (end.flags, [notice.code for notice in only(events, Notice)]) == ((), ["loop"])


@pytest.mark.parametrize("order", ["xo", "xox", "oxo"])
async def test_what_was_found_in_between_counts(order):
    searching = tool(lambda question: question)
    results = iter(order)
    real = searching.run

    async def run_one(given, context):
        searching.error = "not_found" if next(results) == "x" else None
        return await real(given, context)

    searching.run = run_one
    llm = scripted(*[f"Follow up: q{n}" for n in range(len(order))], "So the final answer is: c")

    assert finished(await run(SELF_ASK, llm, searching)).flags == ()
