"""The agent that calls functions, against scripted models that behave and that don't."""

import asyncio
import json
from contextlib import aclosing
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from agents.runtime.agents.tool_calling import ToolCalling
from agents.runtime.errors import ConfigurationError, ModelError, RunError
from agents.runtime.events import (
    ModelCalled,
    Notice,
    StepFinished,
    StepStarted,
    TextDelta,
    ToolCalled,
    ToolFinished,
)
from agents.runtime.limits import Limits
from agents.runtime.llm import Capabilities, FunctionCall, Message, Price, Retrying, Usage
from agents.runtime.scripted import ScriptedLLM, reply
from agents.runtime.tools import ToolResult
from tests.agents.runtime.agents.spoken import Stalling
from tests.agents.runtime.fakes import FakeTool, HangingTool, drain, finished, only, prompt, steps

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
LONG = (
    "The Millau Viaduct is a bridge in the south of France, and with its 343 metres it is the tallest of them all. " * 2
)


class Weather(FakeTool):
    schema = WEATHER


def call(arguments='{"input": "Millau"}', name="search", call_id="c1"):
    return FunctionCall(call_id, name, arguments)


def calls(*of, text="", **fields):
    return reply(text, finish_reason="tool_calls", calls=of, **fields)


def search(*queries):
    return calls(*[call(f'{{"input": "{query}"}}', call_id=f"c-{query}") for query in queries])


async def run(llm, *tools, limits=None, history=(), direct=frozenset()):
    agent = ToolCalling(llm, prompt(), tools or [FakeTool()], limits or Limits(), direct=direct)
    return await drain(agent.run({"input": "How high?"}, history))


def told(llm, request=1):
    """What the model was told of its calls, by id."""
    return {message.call_id: message.content for message in llm.requests[request].messages if message.role == "tool"}


# --- what it does when all goes well


async def test_it_calls_observes_and_answers():
    llm, tool = ScriptedLLM(calls(call()), "343 m"), FakeTool()

    events = await run(llm, tool)

    assert steps(events) == [("action", "Millau"), ("observation", "343 m"), ("answer", "343 m")]
    assert tool.inputs == ["Millau"]
    (called,), (over,) = only(events, ToolCalled), only(events, ToolFinished)
    assert (called.step, called.tool, called.input) == (1, "Search", "Millau")
    assert (over.call, over.output, over.error) == (called.call, "343 m", None)
    assert [(made.outcome, made.flags) for made in only(events, ModelCalled)] == [("parsed", ())] * 2
    end = finished(events)
    assert (end.answer, end.stop_reason, end.flags) == ("343 m", "finished", ())


async def test_the_tools_go_with_the_request_and_results_stand_behind_their_calls():
    llm, asked = ScriptedLLM(calls(call(), text="I look."), "343 m"), FakeTool(description="finds things")
    await run(llm, asked, Weather("Open Meteo API", input_kind="schema"), FakeTool("Clock", input_kind="none"))

    first, second = llm.requests
    assert [spec.name for spec in first.functions] == ["search", "open_meteo_api", "clock"]
    assert [spec.strict for spec in first.functions] == [True, True, True]
    assert first.functions[0].description == "finds things"
    assert first.functions[0].parameters["required"] == ["input"]
    assert first.functions[1].parameters["required"] == ["city", "days"]
    assert first.functions[1].parameters["properties"]["days"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert (first.function_choice, first.parallel_calls) == (None, True)
    assert second.messages[: len(first.messages)] == first.messages
    assert second.messages[len(first.messages) :] == (
        Message("assistant", "I look.", (call(),)),
        Message("tool", "343 m", call_id="c1"),
    )


async def test_an_answer_without_tools_streams():
    events = await run(ScriptedLLM(LONG))

    assert steps(events) == [("answer", LONG.strip())]
    assert len(only(events, TextDelta)) > 10


async def test_words_before_a_call_are_a_thought_from_the_start():
    events = await run(ScriptedLLM(calls(call(), text="I should look."), "343 m"))

    assert steps(events)[:2] == [("thought", "I should look."), ("action", "Millau")]
    assert [event.kind for event in only(events, StepStarted)].count("answer") == 1


async def test_an_answer_that_turns_out_to_be_words_before_a_call_becomes_a_thought():
    events = await run(ScriptedLLM(calls(call(), text=LONG), "343 m"))

    assert steps(events) == [
        ("answer", ""),
        ("thought", LONG.strip()),
        ("action", "Millau"),
        ("observation", "343 m"),
        ("answer", "343 m"),
    ]
    assert finished(events).answer == "343 m"


async def test_what_the_model_thinks_is_a_thought():
    events = await run(ScriptedLLM(calls(call(), reasoning="Let me see."), "<think>So.</think>343 m"))

    assert steps(events) == [
        ("thought", "Let me see."),
        ("action", "Millau"),
        ("observation", "343 m"),
        ("thought", "So."),
        ("answer", "343 m"),
    ]


async def test_arguments_are_shown_while_they_are_written():
    events = await run(
        ScriptedLLM(calls(call('{"city": "Oslo", "days": "3"}', "weather")), "Sunny."),
        tool := Weather("Weather", input_kind="schema"),
    )

    pieces = [event.text for event in only(events, TextDelta) if event.step == 1]
    assert "".join(pieces) == '{"city": "Oslo", "days": "3"}'
    assert len(pieces) > 3
    assert tool.inputs == [{"city": "Oslo", "days": 3}]
    assert steps(events)[0] == ("action", '{"city": "Oslo", "days": 3}')
    assert finished(events).flags == ("coerced",)


async def test_a_tool_without_arguments_and_one_that_takes_code():
    clock, python = FakeTool("Clock", input_kind="none"), FakeTool("Python REPL", input_kind="code")
    llm = ScriptedLLM(
        calls(call("", "clock"), call('{"input": "for x in y:\\n  print(x)"}', "python_repl", "c2")), "Done."
    )

    await run(llm, clock, python)

    assert (clock.inputs, python.inputs) == ([""], ["for x in y:\n  print(x)"])


async def test_history_is_part_of_the_conversation():
    llm = ScriptedLLM("Ada.")
    await run(llm, history=[Message("user", "I am Ada."), Message("assistant", "Hello.")])

    assert [message.role for message in llm.requests[0].messages] == ["system", "user", "assistant", "user"]


# --- several calls at once


class Meeting(FakeTool):
    """Comes back when as many calls as wanted have begun, in the opposite order."""

    def __init__(self, wanted, **fields):
        super().__init__(**fields)
        self.wanted, self.most, self.running = wanted, 0, 0
        self.all_there = asyncio.Event()

    async def run(self, input, context):
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == self.wanted:
            self.all_there.set()
        async with asyncio.timeout(5):
            await self.all_there.wait()
        for _ in range(20 - 2 * len(self.inputs)):
            await asyncio.sleep(0)
        self.running -= 1
        return await super().run(input, context)


async def test_calls_that_only_read_run_at_the_same_time_and_are_told_in_order():
    llm, tool = ScriptedLLM(search("a", "b", "c"), "Done."), Meeting(3, answer=str.upper)

    events = await run(llm, tool)

    assert told(llm) == {"c-a": "A", "c-b": "B", "c-c": "C"}
    assert [message.call_id for message in llm.requests[1].messages if message.role == "tool"] == ["c-a", "c-b", "c-c"]
    started = [event for event in only(events, StepStarted) if event.kind == "observation"]
    assert sorted(event.parent for event in started) == [1, 2, 3]
    assert {event.step for event in only(events, ToolCalled)} == {1, 2, 3}


async def test_each_call_is_shown_as_it_finishes():
    release, tool = asyncio.Event(), FakeTool()

    class Slow(FakeTool):
        async def run(self, input, context):
            await release.wait()
            return await super().run(input, context)

    agent = ToolCalling(
        ScriptedLLM(calls(call(name="slow"), call(call_id="c2")), "Done."), prompt(), [Slow("Slow"), tool], Limits()
    )
    seen = []
    async with asyncio.timeout(5):
        async for event in agent.run({"input": "x"}):
            seen.append(event)
            if isinstance(event, StepFinished) and event.step == 2:
                assert [over.call for over in only(seen, ToolFinished)] == ["call-2"]
                release.set()

    assert [over.call for over in only(seen, ToolFinished)] == ["call-2", "call-1"]
    finished(seen)


async def test_four_run_at_once_and_those_beyond_eight_do_not_run():
    llm, tool = ScriptedLLM(search(*"abcdefghij"), "Done."), Meeting(4, answer="x")

    events = await run(llm, tool)

    assert (tool.most, sorted(tool.inputs)) == (4, list("abcdefgh"))
    assert told(llm)["c-i"] == told(llm)["c-j"] == "Not run: too many calls in one turn."
    assert [notice.code for notice in only(events, Notice)] == ["too_many_calls"]
    assert len([kind for kind, _ in steps(events) if kind == "action"]) == 8


async def test_calls_that_may_change_something_wait_for_one_another():
    order = []

    def note(name):
        return lambda given: order.append(f"{name} {given}") or "ok"

    writer = FakeTool("Note", answer=note("write"))
    writer.read_only = False
    reader = FakeTool("Search", answer=note("read"))
    llm = ScriptedLLM(
        calls(
            call('{"input": "1"}', "note", "a"),
            call('{"input": "2"}', "note", "b"),
            call('{"input": "3"}', "search", "c"),
        ),
        "Done.",
    )

    await run(llm, writer, reader)

    assert order == ["write 1", "write 2", "read 3"]


async def test_a_failing_call_ends_none_of_the_others(caplog):
    llm = ScriptedLLM(calls(call(name="bad"), call(call_id="c2"), call(name="slow", call_id="c3")), "Done.")

    events = await run(llm, FakeTool("Bad", answer=lambda _: 1 / 0), FakeTool(), HangingTool("Slow", timeout_s=0.01))

    assert told(llm) == {
        "c1": "Bad failed. Try another way.",
        "c2": "343 m",
        "c3": "Slow did not answer within 0.01 seconds.",
    }
    assert {over.error for over in only(events, ToolFinished)} == {"internal", None, "timeout"}
    assert finished(events).answer == "Done."


async def test_a_tool_that_leaks_a_cancellation_has_failed_and_the_run_goes_on(caplog):
    def leak(_):
        raise asyncio.CancelledError

    llm = ScriptedLLM(calls(call(call_id="c1"), call(name="other", call_id="c2")), "Done.")

    events = await run(llm, FakeTool(answer=leak), FakeTool("Other", "fine"))

    assert told(llm) == {"c1": "Search failed. Try another way.", "c2": "fine"}
    assert {over.error for over in only(events, ToolFinished)} == {"internal", None}
    assert finished(events).answer == "Done."
    assert "cancelled from within" in caplog.text


async def test_the_same_call_any_number_of_times_in_one_turn_ends_nothing():
    llm, tool = ScriptedLLM(calls(*[call(call_id=f"c{n}") for n in range(5)]), "Done."), FakeTool()

    assert finished(await run(llm, tool)).stop_reason == "finished"
    assert tool.inputs == ["Millau"]


async def test_failures_of_one_turn_are_told_before_they_are_a_loop():
    llm = ScriptedLLM(search("a", "b", "c"), "I could not look.")

    end = finished(await run(llm, FakeTool(answer="Search cannot be reached.", error="unavailable")))

    assert (end.answer, end.stop_reason) == ("I could not look.", "finished")


async def test_the_same_call_twice_in_one_turn_runs_once():
    llm, tool = ScriptedLLM(calls(call(), call(call_id="c2")), "Done."), FakeTool()

    await run(llm, tool)

    assert tool.inputs == ["Millau"]
    assert told(llm)["c2"].startswith("343 m\nYou already did this")


async def test_the_same_failing_call_twice_in_one_turn_runs_once():
    llm, tool = ScriptedLLM(calls(call(), call(call_id="c2")), "Done."), FakeTool(answer="Down.", error="unavailable")

    events = await run(llm, tool)

    assert tool.inputs == ["Millau"]
    assert told(llm)["c2"].startswith("Down.\nYou already tried exactly this")
    assert [over.error for over in only(events, ToolFinished)] == ["unavailable"] * 2


async def test_calls_without_ids_or_with_the_same_id_get_their_own():
    llm = ScriptedLLM(
        calls(*[call(f'{{"input": "{place}"}}', call_id=given) for place, given in enumerate(["", "0", "0"])]), "Done."
    )
    await run(llm, FakeTool(answer=str))

    asked = llm.requests[1].messages[2]
    assert len({made.id for made in asked.calls}) == 3 and all(made.id for made in asked.calls)
    assert list(told(llm).values()) == ["0", "1", "2"]


# --- calls that can't be made


async def test_an_unknown_tool_is_said_and_the_others_run():
    llm, tool = ScriptedLLM(calls(call(name="serach"), call(call_id="c2")), "Done."), FakeTool()

    events = await run(llm, tool)

    assert told(llm) == {
        "c1": 'There is no tool called "serach". Tools: search. Did you mean search?',
        "c2": "343 m",
    }
    assert steps(events) == [("action", "Millau"), ("observation", "343 m"), ("answer", "Done.")]
    assert only(events, ModelCalled)[0].outcome == "failed"


async def test_bad_arguments_are_never_run_and_good_ones_are():
    tool = Weather("Weather", input_kind="schema")
    llm = ScriptedLLM(
        calls(call('{"city": "Os', "weather")),
        calls(call('{"days": 3}', "weather")),
        calls(call('{"city": "Oslo"}', "weather")),
        "Sunny.",
    )

    events = await run(llm, tool)

    assert tool.inputs == [{"city": "Oslo"}]
    assert told(llm, 1)["c1"].startswith("The arguments of weather were not valid JSON: Unterminated string")
    assert told(llm, 2)["c1"] == (
        'The call of weather could not be used. Missing: city. It takes {"city": "string", "days": "integer"}.'
    )
    assert [notice.code for notice in only(events, Notice)] == ["format_correction"] * 2
    assert steps(events)[:2] == [("action", ""), ("action", "")]
    assert finished(events).answer == "Sunny."


async def test_after_a_broken_call_the_next_is_held_to_its_schema_where_the_server_can():
    bad, good = calls(call('{"input": 3}')), '{"name": "search", "arguments": {"input": "Millau"}}'
    able, unable = ScriptedLLM(bad, good, "343 m"), ScriptedLLM(bad, good, "343 m")
    unable.capabilities = Capabilities(json_schema=False)

    events = await run(able)
    await run(unable)

    held, after = able.requests[1:]
    schema = held.response_format["json_schema"]["schema"]
    assert schema["properties"]["name"] == {"type": "string", "enum": ["search"]}
    assert (held.function_choice, held.functions) == ("none", able.requests[0].functions)
    assert (after.function_choice, after.response_format) == (None, None)
    assert unable.requests[1].response_format is None
    assert finished(events).answer == "343 m"


MISTAKES = {
    "a tool that nobody has": calls(call(name="google")),
    "nothing": reply(""),
    "a call that never came": reply("I search.", finish_reason="tool_calls"),
}
CALLS_AGAIN = '{"reply": {"name": "search", "arguments": {"input": "Millau"}}}'


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
async def test_after_a_mistake_without_a_tool_the_next_reply_is_held_to_a_call_or_an_answer(mistake):
    llm, tool = ScriptedLLM(mistake, CALLS_AGAIN, "343 m"), FakeTool()

    events = await run(llm, tool, Weather("Weather", input_kind="schema"))

    held, after = llm.requests[1:]
    form = held.response_format["json_schema"]
    fits = Draft202012Validator(form["schema"]).is_valid
    assert form["strict"]
    assert fits(json.loads(CALLS_AGAIN))
    assert fits({"reply": {"answer": "I don't know."}})
    assert fits({"reply": {"name": "weather", "arguments": {"city": "Oslo", "days": None}}})
    assert not fits({"reply": {"name": "weather", "arguments": {"input": "Oslo"}}})
    assert not fits({"reply": {"name": "google", "arguments": {"input": "Oslo"}}})
    assert (held.function_choice, held.functions) == ("none", llm.requests[0].functions)
    assert '"reply"' in held.messages[-1].content
    assert not any('"reply"' in message.content for message in after.messages)
    assert tool.inputs == ["Millau"]
    assert finished(events).answer == "343 m"
    assert [record.outcome for record in only(events, ModelCalled)] == ["failed", "reasked", "parsed"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"reply": {"answer": "I don\'t know."}}', "I don't know."),
        ('<think>Hm {</think>\n```json\n{"reply": {"answer": "343 m"}}\n```', "343 m"),
        ('{"reply": {"answer": "As far as ', "As far as"),
        ("`343 m` it is.", "`343 m` it is."),
        ("  It is 343 m.", "It is 343 m."),
        ('{"reply": 343}', '{"reply": 343}'),
        ('{"metres": 343}', '{"metres": 343}'),
    ],
)
async def test_what_is_said_in_the_form_is_the_answer_and_other_text_stays_what_it_is(text, answer):
    llm = ScriptedLLM(reply(""), text)

    events = await run(llm)

    assert finished(events).answer == answer
    assert [text for kind, text in steps(events) if kind == "answer"] == [answer]


async def test_an_empty_answer_in_the_form_is_no_answer():
    events = await run(ScriptedLLM(reply(""), '{"reply": {"answer": " "}}', "343 m"))

    assert finished(events).answer == "343 m"


async def test_a_server_without_schemas_is_only_told():
    llm = ScriptedLLM(reply(""), "343 m", capabilities=Capabilities(json_schema=False))

    await run(llm)

    assert (llm.requests[1].response_format, llm.requests[1].function_choice) == (None, None)


@pytest.mark.parametrize("arguments", ['{"input": ""}', '{"input": "None"}', '{"input": "  "}'])
async def test_a_tool_is_not_run_without_an_input(arguments):
    llm, tool = ScriptedLLM(calls(call(arguments)), "Done."), FakeTool()

    await run(llm, tool)

    assert tool.inputs == []
    assert "without any input" in told(llm)["c1"]


async def test_two_mistakes_and_then_prose():
    llm = ScriptedLLM(calls(call("{")), calls(call("{")), "It is 343 m.")

    assert finished(await run(llm)).answer == "It is 343 m."


async def test_the_words_beside_a_third_mistake_are_the_answer():
    bad = calls(call("{"), text="It is 343 m.")

    end = finished(events := await run(ScriptedLLM(bad)))

    assert (end.answer, end.flags, end.stop_reason) == ("It is 343 m.", ("plain_text",), "finished")
    assert steps(events)[-1] == ("answer", "It is 343 m.")


async def test_a_model_that_only_makes_mistakes_is_asked_for_what_it_has():
    llm = ScriptedLLM(*[calls(call("{"))] * 3, "As far as I know, 343 m.")

    end = finished(await run(llm))

    assert (end.stop_reason, end.answer) == ("format_errors", "As far as I know, 343 m.")
    assert len(told(llm, 3)) == 1 and llm.requests[3].function_choice == "none"


async def test_mistakes_are_bounded_in_a_run():
    bad = calls(call("{"))
    llm = ScriptedLLM(bad, search("a"), bad, search("b"), bad, "The end.")

    end = finished(await run(llm, limits=Limits(max_format_corrections=2)))

    assert (end.stop_reason, len(llm.requests)) == ("format_errors", 6)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (reply(""), "Your reply was empty"),
        (reply("", reasoning="Hm."), "Your reply was empty"),
        (reply("", finish_reason="tool_calls"), "You wanted to call a tool"),
        (reply("", finish_reason="length"), "cut off by the length limit"),
    ],
)
async def test_a_reply_without_anything_is_asked_for_again(answer, sentence):
    llm = ScriptedLLM(answer, search("a"), "343 m")

    events = await run(llm)

    assert finished(events).answer == "343 m"
    assert [made.outcome for made in only(events, ModelCalled)][1:] == ["reasked", "parsed"]
    assert llm.requests[1].messages[-2:-1] == (Message("assistant", "(empty)"),)
    assert sentence in llm.requests[1].messages[-1].content


# --- calls written as text

TEXT_CALL = '```json\n{\n  "name": "search",\n  "arguments": {\n    "input": "Millau"\n  }\n}\n```'


@pytest.mark.parametrize(
    "text", [TEXT_CALL, '<tool_call>{"name": "search", "arguments": {"input": "Millau"}}</tool_call>']
)
async def test_a_call_written_as_text_is_a_call_and_never_looks_like_an_answer(text):
    llm, tool = ScriptedLLM(text, "343 m"), FakeTool()

    events = await run(llm, tool)

    assert tool.inputs == ["Millau"]
    assert steps(events) == [("action", "Millau"), ("observation", "343 m"), ("answer", "343 m")]
    assert "".join(event.text for event in only(events, TextDelta) if event.step == 1) == "Millau"
    assert len([event for event in only(events, TextDelta) if event.step == 1]) > 1, "it is shown as it comes"
    assert (finished(events).flags, only(events, ModelCalled)[0].flags) == (("text_tool_call",), ("text_tool_call",))
    (made,) = llm.requests[1].messages[-2].calls
    assert (llm.requests[1].messages[-2].content, llm.requests[1].messages[-1].call_id) == ("", made.id)


async def test_several_calls_written_as_text():
    text = (
        '[TOOL_CALLS][{"name": "search", "arguments": {"input": "a"}}, {"name": "search", "arguments": {"input": "b"}}]'
    )
    llm, tool = ScriptedLLM(text, "Done."), FakeTool()

    events = await run(llm, tool)

    assert sorted(tool.inputs) == ["a", "b"]
    assert steps(events)[:2] == [("action", "a"), ("action", "b")]


@pytest.mark.parametrize(
    "text", ['{"name": "Bob", "age": 5}', "```json\n[1, 2]\n```", "{", f"I would write {TEXT_CALL[8:-4]}"]
)
async def test_json_that_is_no_call_is_an_answer(text):
    events = await run(ScriptedLLM(text))

    assert steps(events) == [("answer", text)]


async def test_words_before_a_marked_call_are_a_thought():
    long = "I will search for it, as I don't know how tall it is. " * 4
    llm, tool = ScriptedLLM(f"{long}\n<tool_call>\n{TEXT_CALL}\n</tool_call>", "343 m"), FakeTool()

    events = await run(llm, tool)

    assert tool.inputs == ["Millau"]
    assert [step for step in steps(events) if step[1]] == [
        ("thought", long.strip()),
        ("action", "Millau"),
        ("observation", "343 m"),
        ("answer", "343 m"),
    ]


MARKED_CALL = '<tools>\n{"name": "search", "arguments": {"input": "Millau"}}\n</tools>'


@pytest.mark.parametrize(
    "text",
    [f"{MARKED_CALL}\nIt is 999 m high. " * 5, '{{"name": "search", "arguments": {"input": "Millau"}}}}\n999 m.'],
)
async def test_an_answer_invented_behind_a_marked_call_is_never_seen(text):
    llm, tool = ScriptedLLM(text, "343 m"), FakeTool()

    events = await run(llm, tool)

    assert tool.inputs == ["Millau"]
    assert steps(events) == [("action", "Millau"), ("observation", "343 m"), ("answer", "343 m")]
    assert "999" not in "".join(event.text for event in only(events, TextDelta))
    assert not any("999" in message.content for message in llm.requests[1].messages)
    assert only(events, ModelCalled)[0].flags == ("text_after_call", "text_tool_call")


async def test_a_marked_call_of_a_tool_that_nobody_has_is_told_so():
    llm = ScriptedLLM(MARKED_CALL.replace("search", "google"), "343 m")

    events = await run(llm)

    assert 'There is no tool called "google"' in llm.requests[1].messages[-1].content
    assert steps(events) == [("answer", "343 m")]


IN_THE_MIDST = f"{'I could search for it, which would be this call: ' * 4}\n\n{TEXT_CALL}\n\nIt returns 999 m."
MEANT = '{"reply": {"name": "search", "arguments": {"input": "Millau"}}}'


async def test_a_call_in_the_midst_of_a_text_is_made_if_the_model_meant_it():
    llm, tool = ScriptedLLM(IN_THE_MIDST, MEANT, "343 m"), FakeTool()

    events = await run(llm, tool)

    assert "call of search in the midst of your reply" in llm.requests[1].messages[-1].content
    assert llm.requests[1].response_format["json_schema"]["name"] == "next_reply"
    assert not any("999" in message.content for message in llm.requests[1].messages)
    assert [message.role for message in llm.requests[2].messages] == ["system", "user", "assistant", "tool"]
    assert tool.inputs == ["Millau"]
    assert steps(events)[-3:] == [("action", "Millau"), ("observation", "343 m"), ("answer", "343 m")]
    assert ("thought", IN_THE_MIDST.partition("\n")[0].strip()) in steps(events)


@pytest.mark.parametrize("again", [IN_THE_MIDST, json.dumps({"reply": {"answer": IN_THE_MIDST}})])
async def test_a_call_in_the_midst_of_a_text_that_is_said_again_is_only_shown(again):
    llm, tool = ScriptedLLM(IN_THE_MIDST, again), FakeTool()

    events = await run(llm, tool)

    assert tool.inputs == []
    assert (finished(events).answer, finished(events).stop_reason) == (IN_THE_MIDST, "finished")


async def test_a_call_in_the_midst_of_a_text_is_shown_where_nothing_may_be_corrected():
    events = await run(ScriptedLLM(IN_THE_MIDST), limits=Limits(max_format_corrections=0))

    assert (finished(events).answer, finished(events).stop_reason) == (IN_THE_MIDST, "finished")


async def test_corrections_stay_in_order_where_a_mistake_follows_another():
    llm = ScriptedLLM(reply(""), calls(call(name="google")), search("a"), "343 m")

    await run(llm)

    assert [message.role for message in llm.requests[2].messages[2:]] == ["assistant", "user", "assistant", "tool"]
    assert [message.role for message in llm.requests[3].messages[2:]] == [
        "assistant", "user", "assistant", "tool", "assistant", "tool",
    ]  # fmt: skip


async def test_nothing_said_after_a_result_is_not_put_into_the_models_mouth():
    llm = ScriptedLLM(search("a"), reply(""), "(empty)", "343 m")

    events = await run(llm)

    assert [message.role for message in llm.requests[2].messages[-2:]] == ["tool", "user"]
    assert [text for kind, text in steps(events) if kind == "answer"] == ["343 m"]


async def test_marks_without_a_call_are_no_answer():
    llm = ScriptedLLM("<tools></tools>", "343 m")

    events = await run(llm)

    assert "named none" in llm.requests[1].messages[-1].content
    assert llm.requests[1].response_format["json_schema"]["name"] == "next_reply"
    assert steps(events) == [("answer", "343 m")]


async def test_a_definition_without_a_call_is_asked_for_again():
    defined = '{"type": "function", "function": {"name": "search", "parameters": {"properties": {"input": {}}}}}'
    llm, tool = ScriptedLLM(f"I search.\n<tools>\n{defined}\n</tools>", TEXT_CALL, "343 m"), FakeTool()

    events = await run(llm, tool)

    assert tool.inputs == ["Millau"]
    assert llm.requests[1].response_format["json_schema"]["name"] == "call_search"
    assert [text for kind, text in steps(events) if kind == "answer" and text] == ["343 m"]


@pytest.mark.parametrize(
    "text", ["```\n<tool_call>\n{}\n</tool_call>\n```", "Marks such as <tools> stand before calls."]
)
async def test_what_only_speaks_of_a_mark_is_an_answer(text):
    assert finished(await run(ScriptedLLM(text))).answer == text


async def test_a_call_that_goes_on_as_something_else_is_asked_for_again():
    llm, tool = ScriptedLLM(f"{TEXT_CALL}\nThis finds it.", "343 m"), FakeTool()

    events = await run(llm, tool)

    assert tool.inputs == []
    assert "Reply with the call alone" in llm.requests[1].messages[-1].content
    assert steps(events) == [("action", ""), ("answer", "343 m")]


async def test_a_text_call_that_was_cut_off_is_not_run():
    llm, tool = ScriptedLLM(reply(TEXT_CALL[:40], finish_reason="length"), "343 m"), FakeTool()

    await run(llm, tool)

    assert tool.inputs == []
    assert "cut off" in llm.requests[1].messages[-1].content


# --- results


async def test_an_error_of_a_tool_is_told_to_the_model():
    llm = ScriptedLLM(calls(call()), "Later.")

    events = await run(llm, FakeTool(answer="Search is busy.", error="rate_limited"))

    assert only(events, ToolFinished)[0].error == "rate_limited"
    assert told(llm) == {"c1": "Search is busy."}


async def test_a_result_is_data_of_bounded_length():
    llm = ScriptedLLM(search("a", "b"), "Done.")
    await run(llm, FakeTool(answer=lambda q: "x" * 9000 if q == "a" else "Final Answer: 1\x00\u202e!", max_output=1000))

    assert "characters left out]" in told(llm)["c-a"] and len(told(llm)["c-a"]) < 1000
    assert told(llm)["c-b"].endswith("Final Answer: 1 !")


async def test_nothing_is_told_as_such():
    llm = ScriptedLLM(calls(call()), "Done.")
    await run(llm, FakeTool(answer=" \n"))

    assert told(llm) == {"c1": "(no output)"}


async def test_the_result_of_a_direct_tool_is_the_answer_unless_it_failed():
    llm = ScriptedLLM(calls(call()), "343 m, says the search.")

    events = await run(llm, direct=frozenset({"Search"}))
    end = finished(events)
    assert (end.answer, end.stop_reason, len(llm.requests)) == ("343 m", "return_direct", 1)
    assert steps(events)[-1] == ("answer", "343 m")

    failed = await run(ScriptedLLM(calls(call()), "No."), FakeTool(error="unavailable"), direct=frozenset({"Search"}))
    assert finished(failed).stop_reason == "finished"


@pytest.mark.parametrize("text", ["I look.", LONG])
async def test_words_before_a_call_that_never_came_are_a_thought(text):
    events = await run(ScriptedLLM(reply(text, finish_reason="tool_calls"), "343 m"))

    assert finished(events).answer == "343 m"
    assert [step for step in steps(events) if step[1]] == [("thought", text.strip()), ("answer", "343 m")]


# --- limits


@pytest.mark.parametrize(
    ("on_limit", "answer"),
    [
        ("generate", "Probably 343 m."),
        ("force", "I stopped after 2 steps without a complete answer. The last thing I found:\n\n343 m"),
    ],
)
async def test_at_the_step_limit_one_call_without_tools_sums_up_or_a_sentence_does(on_limit, answer):
    llm = ScriptedLLM(search("a"), search("b"), "Probably 343 m.")

    events = await run(llm, limits=Limits(max_steps=2, on_limit=on_limit))

    end = finished(events)
    assert (end.stop_reason, end.answer, end.outcome) == ("max_steps", answer, "failed")
    assert only(events, Notice)[0].text == "Stopped: step limit (2)."
    if on_limit == "generate":
        last = llm.requests[2]
        assert (last.max_tokens, last.function_choice) == (512, "none")
        assert [message.role for message in last.messages[-2:]] == ["tool", "user"]


class Busy(ScriptedLLM):
    """Lets everybody wait before it plays its reply."""

    async def stream(self, request):
        yield Retrying("rate_limited", 2)
        async for chunk in super().stream(request):
            yield chunk


@pytest.mark.parametrize("last", [TEXT_CALL, "", ModelError("overloaded", "No.")])
async def test_without_a_usable_last_word_a_sentence_says_what_happened(last):
    events = await run(ScriptedLLM(search("a"), last), limits=Limits(max_steps=1))

    assert finished(events).answer.endswith("The last thing I found:\n\n343 m")


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        (reply("343 m, I th", finish_reason="length"), "truncated"),
        (reply("No.", finish_reason="content_filter"), "refused"),
        (TEXT_CALL, "failed"),
        (ModelError("overloaded", "No."), "failed"),
        ("343 m", "parsed"),
    ],
)
async def test_what_became_of_the_last_call_is_recorded(last, outcome):
    events = await run(ScriptedLLM(search("a"), last), limits=Limits(max_steps=1))

    assert only(events, ModelCalled)[-1].outcome == outcome


async def test_a_last_word_ends_where_a_call_is_written():
    last = 'Probably 343 m.\n<tool_call>{"name": "search", "arguments": {"input": "b"}}</tool_call>'

    events = await run(ScriptedLLM(search("a"), last), limits=Limits(max_steps=1))

    assert finished(events).answer == "Probably 343 m."


async def test_a_failure_is_nothing_that_was_found():
    limits = Limits(max_steps=1, on_limit="force")

    end = finished(await run(ScriptedLLM(search("a")), FakeTool(answer="Down.", error="unavailable"), limits=limits))

    assert end.answer == "I stopped after 1 step without a complete answer."


async def test_what_happens_on_the_way_to_the_last_word_is_told():
    events = await run(Busy(search("a"), "Probably 343 m."), limits=Limits(max_steps=1))

    assert [notice.code for notice in only(events, Notice)] == ["retrying", "max_steps", "retrying"]


async def test_the_same_call_again_is_answered_from_what_is_known_and_then_ends_the_run():
    llm, tool = ScriptedLLM(*[calls(call())] * 3, "It is 343 m."), FakeTool()

    events = await run(llm, tool)

    end = finished(events)
    assert (end.stop_reason, end.answer, tool.inputs) == ("loop", "It is 343 m.", ["Millau"])
    assert llm.requests[2].messages[-1].content.startswith("343 m\nYou already did this")
    assert "not done again" in llm.requests[3].messages[-2].content
    assert [called.tool for called in only(events, ToolCalled)] == [tool.name] * 3


async def test_money_is_a_limit():
    llm = ScriptedLLM(calls(call(), usage=Usage(1_000_000, 0)), "x", price=Price(Decimal(1), Decimal(1)))

    end = finished(await run(llm, limits=Limits(max_cost=Decimal("0.5"), max_total_tokens=None)))

    assert end.stop_reason == "cost_budget"


async def test_what_is_answered_from_memory_is_as_if_it_had_been_done():
    class Opening(FakeTool):
        async def run(self, input, context):
            context.state["page"] = input
            return await super().run(input, context)

    class Reading(FakeTool):
        async def run(self, input, context):
            return ToolResult(context.state["page"])

    read = calls(call('{"input": "x"}', "read"))
    llm = ScriptedLLM(search("a"), search("b"), search("a"), read, "Done.")
    await run(llm, Opening(), Reading("Read", volatile=True))

    assert told(llm, 4)["c1"] == "a"


async def test_what_a_call_had_opened_anew_is_open_again_though_it_was_open_before():
    class Opening(FakeTool):
        async def run(self, input, context):
            context.state["page"] = {"title": input.lower()}
            return await super().run(input, context)

    class Reading(FakeTool):
        async def run(self, input, context):
            return ToolResult(context.state["page"]["title"])

    read = calls(call('{"input": "x"}', "read"))
    llm = ScriptedLLM(search("a"), search("A"), search("b"), search("A"), read, "Done.")
    await run(llm, Opening(), Reading("Read", volatile=True))

    assert told(llm, 5)["c1"] == "a"


async def test_the_same_failure_three_times_ends_the_run():
    llm = ScriptedLLM(search("a"), search("b"), search("c"), "I could not look.")

    events = await run(llm, FakeTool(answer="Search cannot be reached.", error="unavailable"))

    assert finished(events).stop_reason == "loop"


async def test_the_token_budget_is_checked_before_a_call():
    llm = ScriptedLLM(calls(call(), usage=Usage(900, 200)), "So far nothing.")

    end = finished(await run(llm, limits=Limits(max_total_tokens=1000)))

    assert (end.stop_reason, len(llm.requests)) == ("token_budget", 2)


async def test_the_time_limit_ends_a_call_in_flight_and_keeps_what_was_written():
    llm = ScriptedLLM(reply("It is high. " * 400), "", delay_s=0.001)

    events = await run(llm, limits=Limits(timeout_s=0.3))

    end = finished(events)
    assert (end.stop_reason, llm.closed_early) == ("timeout", 1)
    assert end.answer.startswith("It is high. It is high.")
    assert [text for kind, text in steps(events) if kind == "answer"] == ["", end.answer]


@pytest.mark.parametrize("begun", ["<tool_ca", '<tool_call>{"name": "search", "arg', '```json\n{"name": "se'])
async def test_a_call_written_as_text_that_the_time_limit_cuts_off_is_no_answer(begun):
    events = await run(Stalling(begun), limits=Limits(timeout_s=0.1, on_limit="force"))

    end = finished(events)
    assert (end.answer, end.stop_reason) == ("I stopped after 0.1 seconds without a complete answer.", "timeout")


async def test_the_time_limit_ends_a_tool_in_flight():
    tool = HangingTool()

    end = finished(await run(ScriptedLLM(calls(call()), "Not known."), tool, limits=Limits(timeout_s=0.05)))

    assert (end.stop_reason, tool.cancelled) == ("timeout", True)


# --- how a run ends otherwise


async def test_a_refusal_is_an_answer_of_its_own_kind():
    events = await run(ScriptedLLM(reply("I can't help with that.", refused=True)))

    end = finished(events)
    assert (end.answer, end.stop_reason, end.outcome) == ("I can't help with that.", "refused", "refused")
    assert only(events, ModelCalled)[0].outcome == "refused"


async def test_a_content_filter_ends_the_run_and_keeps_what_was_said():
    seen, agent = [], ToolCalling(ScriptedLLM(reply("It is", finish_reason="content_filter")), prompt(), [FakeTool()])
    with pytest.raises(RunError) as failed:
        await drain(agent.run({"input": "x"}), into=seen)

    assert failed.value.code == "content_filter"
    assert steps(seen) == [("answer", "It is")]
    assert only(seen, ModelCalled)[0].outcome == "refused"


async def test_an_answer_cut_off_is_kept_and_a_call_cut_off_is_not_run():
    tool = FakeTool()
    llm = ScriptedLLM(
        reply("", finish_reason="length", calls=(call('{"input": "Mil'),)), reply("343", finish_reason="length")
    )

    events = await run(llm, tool)

    assert tool.inputs == []
    assert told(llm) == {"c1": "Your reply was cut off by the length limit. Continue with a shorter reply."}
    assert (finished(events).answer, finished(events).flags) == ("343", ("truncated",))
    assert [made.outcome for made in only(events, ModelCalled)] == ["truncated", "truncated"]


async def test_calls_that_are_complete_run_though_the_last_was_cut_off():
    llm = ScriptedLLM(reply("", finish_reason="length", calls=(call(), call('{"input": "x', call_id="c2"))), "Done.")
    await run(llm)

    assert told(llm)["c1"] == "343 m" and "cut off" in told(llm)["c2"]


async def test_a_connection_lost_before_the_first_token_fails_the_run_with_its_record():
    seen = []
    agent = ToolCalling(ScriptedLLM(calls(call()), ModelError("unreachable", "Gone.")), prompt(), [FakeTool()])
    with pytest.raises(ModelError, match="Gone"):
        await drain(agent.run({"input": "x"}), into=seen)

    assert [(made.error, made.outcome) for made in only(seen, ModelCalled)] == [
        (None, "parsed"),
        ("unreachable", "failed"),
    ]


class Breaking(ScriptedLLM):
    """Loses its connection after some chunks."""

    async def stream(self, request):
        left = 3
        async for chunk in super().stream(request):
            yield chunk
            left -= 1
            if not left:
                raise ModelError("unreachable", "Gone.")


async def test_a_connection_lost_after_the_first_token_keeps_what_was_said():
    seen = []
    with pytest.raises(ModelError, match="Gone"):
        await drain(ToolCalling(Breaking("It is 343 m high."), prompt(), [FakeTool()]).run({"input": "x"}), into=seen)

    assert steps(seen) == [("answer", "It is 343 m ")]


@pytest.mark.parametrize("tool", [HangingTool(), HangingTool(volatile=True)])
async def test_cancelling_ends_every_tool_at_once(tool):
    llm = ScriptedLLM(search("a", "b"))
    waiting = asyncio.ensure_future(drain(ToolCalling(llm, prompt(), [tool]).run({"input": "x"})))
    async with asyncio.timeout(1):
        await tool.started.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert tool.cancelled
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("after", [1, 3])
async def test_leaving_a_run_closes_the_stream(after):
    llm = ScriptedLLM(calls(call(), text=LONG), delay_s=0.001)
    async with aclosing(ToolCalling(llm, prompt(), [FakeTool()]).run({"input": "x"})) as events:
        for _ in range(after):
            await anext(events)

    assert llm.closed_early == (after > 1)


async def test_cancelling_before_the_first_token():
    llm = ScriptedLLM("x", delay_s=60)
    waiting = asyncio.ensure_future(drain(ToolCalling(llm, prompt(), [FakeTool()]).run({"input": "x"})))
    async with asyncio.timeout(1):
        while not llm.requests:
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    assert llm.closed_early == 1


# --- models without function calling

REACT = ("Action: Search\nAction Input: Millau", "Final Answer: 343 m")


async def test_a_model_that_knows_no_functions_is_asked_in_words():
    llm, tool = ScriptedLLM(*REACT, capabilities=Capabilities(tools=False)), FakeTool()

    events = await run(llm, tool)

    assert [notice.code for notice in only(events, Notice)] == ["no_function_calling"]
    assert (llm.requests[0].functions, tool.inputs) == ((), ["Millau"])
    assert finished(events).answer == "343 m"


async def test_in_words_the_conversation_is_remembered_and_a_direct_tool_gives_the_answer():
    llm = ScriptedLLM(*REACT, capabilities=Capabilities(tools=False))
    history = [Message("user", "My name is Ada."), Message("assistant", "Hello Ada.")]

    events = await run(llm, FakeTool(answer="exactly 343 m"), history=history, direct=frozenset({"Search"}))

    assert list(llm.requests[0].messages[1:-1]) == history
    end = finished(events)
    assert (end.answer, end.stop_reason, len(llm.requests)) == ("exactly 343 m", "return_direct", 1)


async def test_a_model_that_refuses_functions_is_asked_again_in_words():
    llm = ScriptedLLM(ModelError("unsupported", "No tools."), *REACT)

    events = await run(llm)

    assert [made.error for made in only(events, ModelCalled)] == ["unsupported", None, None]
    assert (llm.requests[0].functions != (), llm.requests[1].functions) == (True, ())
    assert finished(events).answer == "343 m"


async def test_functions_refused_in_the_middle_of_a_run_end_it():
    with pytest.raises(ModelError):
        await run(ScriptedLLM(calls(call()), ModelError("unsupported", "No tools.")))


def test_tools_of_one_function_name_are_refused():
    with pytest.raises(ConfigurationError):
        ToolCalling(ScriptedLLM(""), prompt(), [FakeTool("Search"), FakeTool("search!")])


async def test_runs_of_one_agent_share_nothing():
    agent = ToolCalling(ScriptedLLM(calls(call()), "a", calls(call()), "b"), prompt(), [tool := FakeTool()])

    await drain(agent.run({"input": "x"}))
    await drain(agent.run({"input": "x"}))

    assert tool.inputs == ["Millau"] * 2


async def test_a_tools_own_model_calls_count():
    class Asking(FakeTool):
        async def run(self, input, context):
            made = ModelCalled(context.step, "m", {}, "", "", Usage(100, 50), None, "stop", 1, 1, 0)
            context.report(made)
            return await super().run(input, context)

    events = await run(ScriptedLLM(search("a", "b"), "Done."), Asking())

    assert finished(events).usage.input >= 200
    assert [made.step for made in only(events, ModelCalled)][1:3] == [1, 2]
