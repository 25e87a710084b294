"""What other libraries' agents were reported for, seen from outside: what the tool got, what the person sees.

The numbers are those of agents.md B.9; what is missing here concerns function calling, memory, templates or sandboxes,
and is tested there.
"""

import pytest

from agents.runtime.events import Finished, ModelCalled, TextDelta, ToolCalled, ToolFinished
from agents.runtime.limits import Limits
from agents.runtime.scripted import reply
from agents.tools.docstore import Lookup, Search
from agents.tools.documents import DocumentIndex
from tests.agents.runtime.agents.spoken import ALL, CONVERSATIONAL, DOCSTORE, PROMPT, SELF_ASK, ZERO_SHOT, run, scripted
from tests.agents.runtime.fakes import FakeTool, HangingTool, finished, only, steps

DONE = ZERO_SHOT.done()


async def given_to_the_tool(written, *, tool=None):
    """What a tool gets when a model writes this."""
    tool = tool or FakeTool()
    await run(ZERO_SHOT, scripted(written, DONE), tool)
    return tool.inputs


@pytest.mark.parametrize("command", ['git commit -m "My change"', "SELECT a FROM t WHERE b = 'x'", '"alpha" OR "beta"'])
async def test_01_02_quotes_that_belong_to_the_input_stay(command):
    assert await given_to_the_tool(f"Action: Search\nAction Input: {command}") == [command]


async def test_03_action_and_answer_in_one_reply_the_first_counts():
    both = f"{ZERO_SHOT.act()}\n{ZERO_SHOT.done('made up')}"
    tool = FakeTool()

    end = finished(await run(ZERO_SHOT, scripted(both, DONE), tool))

    assert (tool.inputs, end.answer) == (["Millau"], "343 m")


async def test_04_an_invented_observation_is_no_part_of_the_input():
    assert await given_to_the_tool("Action: Search\nAction Input: foo\nObservation: made up\n") == ["foo"]


async def test_05_the_label_of_the_answer_may_stand_in_inputs_and_answers():
    question = 'what does "Final Answer:" mean in ReAct?'
    assert await given_to_the_tool(f"Action: Search\nAction Input: {question}") == [question]

    said = 'the label "Final Answer:" ends the loop'
    assert finished(await run(ZERO_SHOT, scripted(f"Final Answer: {said}"))).answer == said


async def test_06_an_answer_before_an_action_keeps_its_last_character():
    events = await run(ZERO_SHOT, scripted("Final Answer: 42\nAction: Search\nAction Input: z"))

    assert finished(events).answer == "42"
    assert not only(events, ToolCalled)


@pytest.mark.parametrize(
    "written",
    [
        "**Action:** Search\n**Action Input:** foo",
        "**Action**: Search\n**Action Input**: foo",
        "action: search\naction input: foo",
        "Action: `Search`\nAction Input: foo",
        "Action: [Search]\nAction Input: foo",
        "Action: Use the Search tool.\nAction Input: foo",
    ],
)
async def test_07_08_decoration_and_case_find_the_tool(written):
    assert await given_to_the_tool(written) == ["foo"]


async def test_09_a_model_that_echoes_the_instruction_is_told_the_tools():
    echo = "Action: the action to take, should be one of [Search]\nAction Input: 222+222"
    llm = scripted(echo, ZERO_SHOT.act(), DONE)

    end = finished(await run(ZERO_SHOT, llm))

    assert "There is no tool called" in llm.requests[1].messages[-1].content
    assert end.answer == "343 m"


@pytest.mark.parametrize("written", ["Action: Search", "Action Input: foo", "Action: N/A", "The answer is 42.", ""])
async def test_10_15_no_reply_ends_the_run_by_its_form(written):
    assert finished(await run(ZERO_SHOT, scripted(written, DONE))).answer == "343 m"


@pytest.mark.parametrize("said", ["Hello! How can I help?", "Note: AI: the word appears here"])
async def test_11_a_chat_may_answer_without_its_prefix_and_name_it(said):
    assert finished(await run(CONVERSATIONAL, scripted(said))).answer == said


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Follow up: What time is it in Tokyo at 10:30 UTC?", "What time is it in Tokyo at 10:30 UTC?"),
        ("follow-up: Who directed Jaws?\n", "Who directed Jaws?"),
    ],
)
async def test_12_follow_ups_are_whole_lines_in_any_spelling(written, asked):
    tool, *_ = SELF_ASK.tools()
    await run(SELF_ASK, scripted(written, SELF_ASK.done()), tool)

    assert tool.inputs == [asked]


@pytest.mark.parametrize(
    ("written", "answer"), [("So the final answer is:\n- A\n- B", "- A\n- B"), ("So the final answer is: 42\n", "42")]
)
async def test_12_final_answers_have_any_number_of_lines(written, answer):
    assert finished(await run(SELF_ASK, scripted(written))).answer == answer


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Action: Search[List of [foo] albums]", "List of [foo] albums"),
        ("Action 12: Search[foo].\nThis will help.", "foo"),
        ("action: search[foo]", "foo"),
    ],
)
async def test_13_docstore_actions_in_any_form(written, asked):
    tool, *others = DOCSTORE.tools()
    await run(DOCSTORE, scripted(written, DOCSTORE.done()), tool, *others)

    assert tool.inputs == [asked]


async def test_13_a_docstore_answer_may_have_lines():
    assert finished(await run(DOCSTORE, scripted("Action: Finish[one\ntwo]"))).answer == "one\ntwo"


async def test_14_a_new_page_starts_a_lookup_anew_and_none_is_no_failure():
    index = DocumentIndex([("A", "First x. Second x."), ("B", "Third x. Fourth x.")])
    written = ["Lookup[x]", "Search[A]", "Lookup[x]", "Search[B]", "Lookup[x]", "Finish[ok]"]
    llm = scripted(*[f"Action {number}: {command}" for number, command in enumerate(written, 1)])

    end = finished(await run(DOCSTORE, llm, Search(index), Lookup(index)))

    told = [request.messages[-1].content for request in llm.requests[1:]]
    assert told[0] == "Observation 1: Search for a page first."
    assert told[4] == "Observation 5: (Result 1 / 2) Third x."
    assert end.answer == "ok"


@pytest.mark.parametrize("spoken", ALL.values(), ids=ALL)
async def test_16_the_last_word_at_a_limit_is_never_an_action(spoken):
    end = finished(await run(spoken, scripted(spoken.act("a"), spoken.act("b")), limits=Limits(max_steps=1)))

    assert spoken.act("b") not in end.answer
    assert not any(label in end.answer for label in ("Action", "Follow up:", "Search["))


@pytest.mark.parametrize(
    ("replies", "limits", "reason"),
    [
        ([DONE], Limits(), "finished"),
        ([ZERO_SHOT.act("a"), "Well."], Limits(max_steps=1), "max_steps"),
        ([ZERO_SHOT.act("a"), "Well."], Limits(max_total_tokens=200), "token_budget"),
        ([ZERO_SHOT.act()] * 4 + ["Well."], Limits(), "loop"),
        (["Action: Search"] * 3 + ["Well."], Limits(), "format_errors"),
        ([reply("No.", refused=True)], Limits(), "refused"),
    ],
)
async def test_17_every_end_has_its_reason(replies, limits, reason):
    assert finished(await run(ZERO_SHOT, scripted(*replies), limits=limits)).stop_reason == reason


async def test_18_the_clock_is_looked_at_within_calls_and_within_tools():
    slow = scripted(reply("Thought: " + "x" * 40_000), "Not known.", delay_s=0.001)
    assert finished(await run(ZERO_SHOT, slow, limits=Limits(timeout_s=0.2))).stop_reason == "timeout"

    tool = HangingTool()
    end = finished(await run(ZERO_SHOT, scripted(ZERO_SHOT.act(), "Not known."), tool, limits=Limits(timeout_s=0.1)))
    assert (end.stop_reason, tool.cancelled) == ("timeout", True)


@pytest.mark.parametrize("queries", ["aaaa", "ababab", "abcabcabc"])
async def test_19_nothing_is_repeated_for_ever(queries):
    llm = scripted(*[ZERO_SHOT.act(query) for query in queries], "Well.")

    assert finished(await run(ZERO_SHOT, llm, limits=Limits(max_steps=100))).stop_reason == "loop"


async def test_21_where_stop_is_ignored_the_stream_is_closed():
    llm = scripted(f"{ZERO_SHOT.act()}\nObservation: invented\n" + "and so on " * 100, DONE)

    events = await run(ZERO_SHOT, llm)

    assert llm.closed_early == 1
    assert "invented" not in "".join(message.content for message in llm.requests[1].messages)
    assert len(only(events, ModelCalled)) == 2


@pytest.mark.parametrize("spoken", ALL.values(), ids=ALL)
async def test_28_what_streams_is_no_scratch_text_and_comes_before_the_end(spoken):
    agent = spoken.agent(scripted(spoken.done("It is exactly 343 m high.")), PROMPT, spoken.tools())
    shown = []
    async for event in agent.run({"input": "x"}):
        if isinstance(event, TextDelta):
            shown.append(event.text)
        assert not isinstance(event, Finished) or len(shown) > 2

    text = "".join(shown)
    assert text.endswith("It is exactly 343 m high.")
    assert not any(label in text for label in ("Final Answer", "Finish", "final answer is", "AI:", "Thought"))


async def test_29_exceptions_of_tools_are_observations(caplog):
    events = await run(ZERO_SHOT, scripted(ZERO_SHOT.act(), DONE), FakeTool(answer=lambda _: {}["x"]))

    assert only(events, ToolFinished)[0].output == "Search failed. Try another way."
    assert [kind for kind, _ in steps(events)][-1] == "answer"
