"""What a chain does when it runs: what each step is given, what is shown, and how it ends."""

import asyncio
from contextlib import aclosing, suppress
from decimal import Decimal

import pytest

from agents.runtime.agents.zero_shot_react import ZeroShotReact
from agents.runtime.chains import StepTarget
from agents.runtime.chains.step_run import shown
from agents.runtime.errors import ModelError, PromptError, RunError
from agents.runtime.events import ModelCalled, ModelCalling, Notice, StepFinished, StepStarted, TextDelta, ToolCalled
from agents.runtime.limits import Limits
from agents.runtime.llm import Message, Price, Reply, Usage
from agents.runtime.scripted import ScriptedLLM, reply
from tests.agents.runtime.chains.parts import asks, chain_of, run, step
from tests.agents.runtime.fakes import FakeTool, finished, only, prompt, steps

BRAND = {
    "inputs": ["product"],
    "steps": [
        step("name", inputs={"value": "input.product"}),
        step("slogan", inputs={"value": "steps.name"}, title="A slogan"),
    ],
}
AWAY = ModelError("unreachable", "The model's server can't be reached.", retryable=True)
REFUSED = ModelError("bad_request", "The server refused the request.")


def asked(llm):
    return [request.messages[-1].content for request in llm.requests]


def tree(events):
    """Kind, text and parent of each step."""
    parents = {event.step: event.parent for event in only(events, StepStarted)}
    texts = dict(zip(parents, steps(events), strict=True))
    return [(*texts[number], texts[parent][1] if parent else None) for number, parent in parents.items()]


async def test_each_step_gets_what_is_mapped_to_it_and_the_last_one_answers():
    llm = ScriptedLLM("Toe Rainbow\n", "Step into colour!")

    events = await run(chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}), product="colorful socks")

    assert asked(llm) == ["About colorful socks", "About Toe Rainbow"]
    assert tree(events) == [
        ("plan", "Name", None),
        ("observation", "Toe Rainbow\n", "Name"),
        ("plan", "A slogan", None),
        ("answer", "Step into colour!", "A slogan"),
    ]
    end = finished(events)
    assert (end.answer, end.stop_reason) == ("Step into colour!", "finished")


async def test_the_answer_is_streamed_and_every_event_names_a_step_that_has_begun():
    llm = ScriptedLLM("A name that is long enough", "A slogan that is long enough")

    events = await run(chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}), product="socks")

    begun, answer = set(), next(e.step for e in only(events, StepStarted) if e.kind == "answer")
    for event in events:
        if isinstance(event, StepStarted):
            assert event.step not in begun
            begun.add(event.step)
        elif isinstance(event, TextDelta | StepFinished | ModelCalled):
            assert event.step in begun
    assert len([event for event in only(events, TextDelta) if event.step == answer]) > 2
    assert [event.call for event in only(events, ModelCalled)] == [call.call for call in only(events, ModelCalling)]


async def test_what_is_missing_is_named_before_anything_runs():
    llm = ScriptedLLM("x")

    with pytest.raises(PromptError, match="product"):
        await run(chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}), other="x")

    assert llm.requests == []


async def test_without_a_mapping_one_feeds_the_next():
    llm = ScriptedLLM("  Loud NAME ")
    definition = {"steps": [step("name"), step("low", transform="lower"), step("bare", transform="strip")]}

    events = await run(chain_of(definition, {"name": asks(llm)}))

    assert finished(events).answer == "loud name"
    assert tree(events)[-2:] == [
        ("plan", "Bare (shown when it is complete)", None),
        ("answer", "loud name", "Bare (shown when it is complete)"),
    ]


async def test_structured_output_is_passed_on_as_data_and_by_field():
    llm = ScriptedLLM('Here: {"name": "Nile", "parts": ["a", "b"]}', "done")
    definition = {
        "steps": [
            step("facts", inputs={"value": "input.input"}),
            step("all", inputs={"value": "steps.facts", "who": "steps.facts.name"}),
        ]
    }
    facts = asks(llm, output={"kind": "json", "instruction": "none"})

    await run(chain_of(definition, {"facts": facts, "all": asks(llm, "{{ value }} of {{ who }}")}))

    assert asked(llm)[1] == '{"name":"Nile","parts":["a","b"]} of Nile'


async def test_the_answer_of_a_prompt_that_reasons_is_passed_on_without_the_reasoning():
    llm = ScriptedLLM("Five and six make eleven.\nAnswer: 11", "done")
    number = asks(llm, strategy="zero_shot_cot", output={"kind": "number"})

    await run(chain_of({"steps": [step("sum"), step("say")]}, {"sum": number, "say": asks(llm)}))

    assert asked(llm)[1] == "About 11"


async def test_a_step_whose_reply_has_no_answer_fails_by_name():
    llm = ScriptedLLM("no idea")
    events = []

    with pytest.raises(RunError, match="“Sum” failed: No number was found") as failed:
        await run(
            chain_of({"steps": [step("sum"), step("say")]}, {"sum": asks(llm, output={"kind": "number"})}), events
        )

    assert failed.value.code == "no_answer"
    assert [shown for shown in steps(events) if shown[1]] == [
        ("plan", "Sum"),
        ("thought", "no idea"),
        ("observation", "no idea"),
    ]


# --- side by side


async def test_independent_steps_run_side_by_side_and_their_events_keep_apart():
    llm = ScriptedLLM("one one one one", "two two two two", "both", delay_s=0.002)
    definition = {
        "steps": [
            step("a", inputs={"value": "input.input"}),
            step("b", inputs={"value": "input.input"}),
            step("both", inputs={"value": "steps.a", "other": "steps.b"}),
        ]
    }

    targets = {"a": asks(llm), "b": asks(llm), "both": asks(llm, "{{ value }} and {{ other }}")}
    events = await run(chain_of(definition, targets))

    begun = [event.step for event in events if isinstance(event, StepStarted)]
    first_end = next(index for index, event in enumerate(events) if isinstance(event, StepFinished))
    assert len([e for e in events[:first_end] if isinstance(e, ModelCalling)]) == 2
    assert len(set(begun)) == len(begun)
    assert {text for kind, text in steps(events) if kind == "observation"} == {"one one one one", "two two two two"}
    assert sorted(asked(llm)[2].split(" and ")) == ["one one one one", "two two two two"]
    assert finished(events).usage.output == sum(call.usage.output for call in only(events, ModelCalled))


async def test_a_list_is_worked_through_with_bounded_concurrency_and_in_order():
    running, most = 0, 0

    class Slow(ScriptedLLM):
        async def stream(self, request):
            nonlocal running, most
            running, most = running + 1, max(most, running + 1)
            text = request.messages[-1].content
            await asyncio.sleep(0.02 if "a" in text else 0.002)
            running -= 1
            async for chunk in ScriptedLLM(f"<{text}>").stream(request):
                yield chunk

    definition = {
        "steps": [
            {"id": "lines", "transform": "lines", "inputs": {"value": "input.input"}},
            {"id": "each", "prompt": "x", "inputs": {"value": "steps.lines"}, "each": "value", "at_once": 2},
            {"id": "all", "transform": "join", "separator": ", ", "inputs": {"value": "steps.each"}},
        ]
    }

    events = await run(chain_of(definition, {"each": asks(Slow("x"), "{{ value }}")}), input="a\nb\nc\nd")

    assert finished(events).answer == "<a>, <b>, <c>, <d>"
    assert most == 2
    assert [text for kind, text in steps(events) if kind == "plan"][2:6] == [
        "1 of 4: a",
        "2 of 4: b",
        "3 of 4: c",
        "4 of 4: d",
    ]


async def test_a_list_as_the_answer_is_shown_when_it_is_complete():
    llm = ScriptedLLM("A", "B")
    definition = {
        "steps": [
            {"id": "lines", "transform": "lines"},
            {"id": "each", "prompt": "x", "inputs": {"value": "steps.lines"}, "each": "value", "at_once": 1},
        ]
    }
    definition["steps"][0]["inputs"] = {"value": "input.input"}

    events = await run(chain_of(definition, {"each": asks(llm)}), input="a\nb")

    assert finished(events).answer == "A\nB"
    assert ("plan", "Each (shown when it is complete)") in steps(events)


# --- branches


def routed(llm, **more):
    definition = {
        "steps": [
            step("topic", inputs={"value": "input.input"}),
            {
                "id": "route",
                "branch": {"cases": {"Billing": "pay"}, "default": "talk"},
                "inputs": {"value": "steps.topic"},
            },
            step("pay", inputs={"value": "input.input"}),
            step("talk", inputs={"value": "input.input"}),
        ],
        **more,
    }
    labels = asks(llm, output={"kind": "label", "labels": ["billing", "other"], "instruction": "none"})
    return chain_of(
        definition, {"topic": labels, "pay": asks(llm, "Pay {{ value }}"), "talk": asks(llm, "Talk {{ value }}")}
    )


@pytest.mark.parametrize(("label", "question"), [("It is billing.", "Pay help"), ("other", "Talk help")])
async def test_a_branch_runs_one_of_its_steps_and_streams_it_as_the_answer(label, question):
    llm = ScriptedLLM(label, "Here you are")

    events = await run(routed(llm), input="help")

    assert asked(llm)[1:] == [question]
    assert finished(events).answer == "Here you are"
    branch = f"Route: {question.split()[0]}"
    assert tree(events)[2:] == [
        ("plan", branch, None),
        ("plan", question.split()[0], branch),
        ("answer", "Here you are", question.split()[0]),
    ]


async def test_what_a_branch_gives_is_read_like_any_output():
    llm = ScriptedLLM("billing", "Here you are")
    agent = routed(llm)
    low = {"id": "low", "transform": "upper", "inputs": {"value": "steps.route"}}
    definition = {
        "steps": [
            *({"id": s.id, "prompt": "x", "inputs": {"value": "input.input"}} for s in agent.spec.steps[:1]),
            {
                "id": "route",
                "branch": {"cases": {"billing": "pay"}, "default": "talk"},
                "inputs": {"value": "steps.topic"},
            },
            step("pay", inputs={"value": "input.input"}),
            step("talk", inputs={"value": "input.input"}),
            low,
        ]
    }

    events = await run(chain_of(definition, agent.targets), input="help")

    assert finished(events).answer == "HERE YOU ARE"


# --- failures


async def test_a_failing_step_ends_the_chain_with_its_name_and_keeps_what_came_before():
    llm, events = ScriptedLLM("Toes", REFUSED), []

    with pytest.raises(RunError, match="“A slogan” failed: The server refused") as failed:
        await run(chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}), events, product="socks")

    assert (failed.value.code, failed.value.retryable) == ("bad_request", False)
    assert ("observation", "Toes") in steps(events)
    assert not {e.step for e in only(events, StepStarted)} - {e.step for e in only(events, StepFinished)}


async def test_a_failing_step_ends_those_beside_it_and_their_calls_are_accounted_for():
    slow, events = ScriptedLLM("word " * 500, delay_s=0.002), []
    failing = ScriptedLLM(reply("", finish_reason="stop"), delay_s=0)
    definition = {
        "steps": [
            step("slow", inputs={"value": "input.input"}),
            step("bad", inputs={"value": "input.input"}),
            step("both", inputs={"value": "steps.slow", "other": "steps.bad"}),
        ]
    }

    with pytest.raises(RunError, match="“Bad” failed"):
        await run(chain_of(definition, {"slow": asks(slow), "bad": asks(failing)}), events)

    assert slow.closed_early == 1
    assert len(only(events, ModelCalling)) == len(only(events, ModelCalled)) == 2
    assert "cancelled" in [call.error for call in only(events, ModelCalled)]
    assert not {e.step for e in only(events, StepStarted)} - {e.step for e in only(events, StepFinished)}


class Breaking(ScriptedLLM):
    """Says something, and then its connection is lost."""

    async def stream(self, request):
        said = self.replies[min(len(self.requests), len(self.replies) - 1)]
        async for chunk in super().stream(request):
            if isinstance(said, str) and said.endswith("…") and isinstance(chunk, Reply):
                raise AWAY
            yield chunk


async def test_an_answer_that_had_begun_is_kept_when_the_chain_fails():
    events = []

    with pytest.raises(RunError, match="“Name” failed: The model's server can't be reached"):
        await run(chain_of({"steps": [step("name")]}, {"name": asks(Breaking("Five hundred words…"))}), events)

    assert [text for kind, text in steps(events) if kind == "answer"] == ["Five hundred words…"]


async def test_an_answer_that_had_begun_makes_room_for_another_try():
    chain = chain_of({"steps": [step("name", retries=2)]}, {"name": asks(Breaking("Five hundred…", "Toes"))})

    events = await run(chain)

    assert [text for kind, text in steps(events) if kind == "answer"] == ["", "Toes"]
    assert finished(events).answer == "Toes"


async def test_a_failing_step_may_be_skipped():
    llm = ScriptedLLM(REFUSED, "Done")
    definition = {
        "steps": [
            step("tone", inputs={"value": "input.input"}, on_error="skip"),
            step("say", inputs={"value": "input.input", "tone": "steps.tone"}),
        ]
    }
    say = asks(
        llm,
        "{{ value }}{{# tone }} in {{ tone }}{{/ tone }}",
        variables=[{"name": "value"}, {"name": "tone", "required": False}],
    )

    events = await run(chain_of(definition, {"tone": asks(llm), "say": say}))

    assert asked(llm)[1] == "socks"
    assert finished(events).answer == "Done"
    assert only(events, Notice)[0].code == "step_failed"


async def test_a_default_takes_the_place_of_an_answer_that_had_begun():
    broken = ScriptedLLM(reply("I am no numb", finish_reason="content_filter"))
    definition = {"steps": [step("say", inputs={"value": "input.input"}, on_error={"default": "Sorry."})]}

    events = await run(chain_of(definition, {"say": asks(broken)}))

    assert finished(events).answer == "Sorry."
    assert [text for kind, text in steps(events) if kind == "answer"] == ["", "Sorry."]


async def test_a_step_is_tried_again_where_that_may_help():
    llm = ScriptedLLM(AWAY, "Toes", "Go!")
    definition = {**BRAND, "steps": [{**BRAND["steps"][0], "retries": 1}, BRAND["steps"][1]]}

    events = await run(chain_of(definition, {"name": asks(llm), "slogan": asks(llm)}), product="socks")

    assert finished(events).answer == "Go!"
    assert only(events, Notice)[0].code == "retrying"


async def test_what_must_not_run_twice_is_not_tried_again():
    llm = ScriptedLLM(AWAY, "Toes")
    target = StepTarget(asks(llm).make, idempotent=False)

    with pytest.raises(RunError, match="can't be reached"):
        await run(chain_of({"steps": [step("name", retries=3)]}, {"name": target}))

    assert len(llm.requests) == 1


# --- agents and chains within


async def test_an_agent_within_shows_its_steps_beneath_its_own():
    llm = ScriptedLLM(
        "Thought: look\nAction: Search\nAction Input: tower",
        "Thought: now I know\nFinal Answer: 343 m",
        "The tower has 343 m.",
    )
    agent = StepTarget(lambda limits: ZeroShotReact(llm, prompt(), [FakeTool()], limits))
    definition = {"steps": [step("find", inputs={"input": "input.input"}), step("say", inputs={"value": "steps.find"})]}

    events = await run(chain_of(definition, {"find": agent, "say": asks(llm)}), input="How high?")

    assert [entry[0::2] for entry in tree(events)] == [
        ("plan", None),
        ("thought", "Find"),
        ("action", "Find"),
        ("observation", "tower"),
        ("thought", "Find"),
        ("observation", "Find"),
        ("plan", None),
        ("answer", "Say"),
    ]
    assert only(events, ToolCalled)[0].call == "1.call-1"
    assert asked(llm)[-1] == "About 343 m"


async def test_a_chain_within_a_chain_counts_its_usage_once():
    llm = ScriptedLLM("Toes", "Go!", "Loud: GO!", price=Price(Decimal(1), Decimal(2)))
    inner = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)})
    definition = {
        "steps": [step("brand", inputs={"product": "input.input"}), step("loud", inputs={"value": "steps.brand"})]
    }

    events = await run(chain_of(definition, {"brand": StepTarget(lambda limits: inner), "loud": asks(llm)}))

    end = finished(events)  # checks that the usage is the sum over all calls
    assert end.answer == "Loud: GO!"
    assert ("observation", "Go!", "A slogan") in tree(events)
    assert ("plan", "A slogan", "Brand") in tree(events)


async def test_the_chain_within_that_answers_streams_its_answer():
    llm = ScriptedLLM("Toes", "Go!")
    inner = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)})

    events = await run(
        chain_of({"steps": [step("brand", inputs={"product": "input.input"})]}, {"brand": StepTarget(lambda _: inner)})
    )

    assert tree(events)[-1] == ("answer", "Go!", "A slogan")
    assert finished(events).answer == "Go!"


async def test_earlier_turns_go_only_where_they_are_mapped_to():
    llm = ScriptedLLM("Toes", "Go!")
    definition = {
        "memory": "chat",
        "steps": [
            step("name", inputs={"value": "input.input"}),
            step("say", inputs={"value": "steps.name", "history": "input.chat"}),
        ],
    }
    history = [Message("user", "I am Ada."), Message("assistant", "Hello Ada.")]

    await run(chain_of(definition, {"name": asks(llm), "say": asks(llm)}), history=history)

    assert [len(request.messages) for request in llm.requests] == [1, 3]


# --- limits


async def test_steps_share_one_budget_of_tokens():
    llm = ScriptedLLM(reply("Toes"), reply("Go!"))
    chain = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, Limits(max_total_tokens=15, on_limit="force"))

    events = await run(chain, product="socks")

    end = finished(events)
    assert (end.stop_reason, len(llm.requests)) == ("token_budget", 1)
    assert end.answer.endswith("The last thing I found:\n\nToes")


async def test_steps_share_one_budget_of_money():
    llm = ScriptedLLM("Toes", "Go!", price=Price(Decimal(0), Decimal(1_000_000)))
    chain = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, Limits(max_cost=Decimal("0.5"), on_limit="force"))

    assert finished(await run(chain, product="socks")).stop_reason == "cost_budget"
    assert len(llm.requests) == 1


async def test_at_a_limit_one_last_call_answers_from_what_the_steps_have_found():
    llm = ScriptedLLM(reply("Toes", usage=Usage(400, 100)), "<think>hm</think>Call it Toes; the slogan is missing.")
    chain = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, Limits(max_total_tokens=300))

    events = await run(chain, product="socks")

    end = finished(events)
    assert (end.answer, end.stop_reason) == ("Call it Toes; the slogan is missing.", "token_budget")
    asked = llm.requests[1].messages[-1].content
    assert "- product: socks" in asked and "Toes" in asked
    assert [call.outcome for call in only(events, ModelCalled)] == ["parsed", "parsed"]
    assert steps(events)[-1] == ("answer", end.answer)


@pytest.mark.parametrize("said", [AWAY, "", "<think>hm</think>"])
async def test_a_last_call_that_says_nothing_leaves_the_sentence(said):
    llm = ScriptedLLM(reply("Toes", usage=Usage(400, 100)), said)
    chain = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, Limits(max_total_tokens=300))

    events = await run(chain, product="socks")

    assert finished(events).answer.endswith("The last thing I found:\n\nToes")
    assert len(only(events, ModelCalled)) == 2


async def test_nothing_is_asked_at_a_limit_where_nothing_was_found():
    llm = ScriptedLLM(AWAY, "never")
    chain = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, Limits(timeout_s=0))

    assert finished(await run(chain, product="socks")).answer == "I stopped after 0 seconds without a complete answer."
    assert llm.requests == []


async def test_the_deadline_ends_the_step_that_is_under_way():
    llm = ScriptedLLM("Toes", "word " * 2000, delay_s=0.001)
    chain = chain_of(BRAND, {"name": asks(llm), "slogan": asks(llm)}, Limits(timeout_s=0.1))

    events = await run(chain, product="socks")

    end = finished(events)
    assert end.stop_reason == "timeout"
    assert end.answer.startswith("word word")


def reasoner(llm):
    return StepTarget(lambda limits: ZeroShotReact(llm, prompt(), [FakeTool()], limits))


ASKING = {"steps": [step("find", inputs={"input": "input.input"})]}


async def test_an_agent_at_the_deadline_of_its_chain_ends_as_it_would_alone():
    llm = ScriptedLLM("Thought: I know.\nFinal Answer: " + "word " * 2000, "The best so far.", delay_s=0.001)

    events = await run(chain_of(ASKING, {"find": reasoner(llm)}, Limits(timeout_s=0.1)))

    end = finished(events)
    assert (end.answer, end.stop_reason) == ("The best so far.", "timeout")
    assert len(llm.requests) == 2


async def test_what_an_agent_had_begun_stays_where_its_last_call_says_nothing():
    llm = ScriptedLLM("Thought: I know.\nFinal Answer: " + "word " * 2000, AWAY, delay_s=0.001)

    events = await run(chain_of(ASKING, {"find": reasoner(llm)}, Limits(timeout_s=0.1)))

    assert finished(events).answer.startswith("word word")


async def test_an_agent_at_the_token_limit_of_its_chain_says_what_it_has_found():
    calling = "Thought: look\nAction: Search\nAction Input: tower"
    llm = ScriptedLLM(reply(calling, usage=Usage(400, 100)), "It has 343 m, I think.")

    events = await run(chain_of(ASKING, {"find": reasoner(llm)}, Limits(max_total_tokens=500)))

    end = finished(events)
    assert (end.answer, end.stop_reason, len(llm.requests)) == ("It has 343 m, I think.", "token_budget", 2)


async def test_after_the_last_call_of_an_agent_no_other_step_is_run():
    agent = ScriptedLLM("Thought: hm\nAction: Search\nAction Input: x", "So far.", delay_s=0.002)
    after = ScriptedLLM("never")
    definition = {"steps": [*ASKING["steps"], step("say", inputs={"value": "steps.find"})]}
    chain = chain_of(
        definition, {"find": reasoner(agent), "say": asks(after)}, Limits(timeout_s=0.01, on_limit="force")
    )

    end = finished(await run(chain))

    assert (end.stop_reason, after.requests) == ("timeout", [])
    assert end.answer.endswith("The last thing I found:\n\nSo far.")


async def test_what_an_agent_had_begun_stays_where_its_last_call_is_cut_off():
    llm, other = ScriptedLLM("Final Answer: " + "word " * 4000, delay_s=0.001), ScriptedLLM("hm " * 4000, delay_s=0.001)
    beside = [step("other", inputs={"value": "input.input"}), step("after", inputs={"value": "steps.other"})]
    targets = {"other": asks(other), "after": asks(other), "find": reasoner(llm)}

    events = await run(chain_of({"steps": [*beside, *ASKING["steps"]]}, targets, Limits(timeout_s=0.1)))

    end = finished(events)
    assert end.stop_reason == "timeout"
    assert end.answer.startswith("word word")
    assert [text for kind, text in steps(events) if kind == "answer"] == [end.answer]


async def test_what_is_cut_off_at_a_limit_is_paid_for():
    dear, slow = (
        ScriptedLLM(reply("Toes", usage=Usage(400, 0)), delay_s=0.01),
        ScriptedLLM("word " * 4000, delay_s=0.001),
    )
    definition = {
        "steps": [
            step("slow", inputs={"value": "input.input"}),
            step("dear", inputs={"value": "input.input"}),
            step("after", inputs={"value": "steps.dear"}),
            step("both", inputs={"value": "steps.slow", "other": "steps.after"}),
        ]
    }
    targets = {"slow": asks(slow), "dear": asks(dear), "after": asks(dear), "both": asks(dear)}

    events = await run(chain_of(definition, targets, Limits(max_total_tokens=300, on_limit="force")))

    end = finished(events)  # checks that the usage is the sum over all calls
    assert [call.error for call in only(events, ModelCalled)] == [None, "cancelled"]
    assert (end.stop_reason, end.usage.input > 400) == ("token_budget", True)


async def test_a_step_has_no_more_than_its_own_limits():
    seen = []
    target = asks(ScriptedLLM("x"))
    own = StepTarget(
        lambda limits: (seen.append(limits), target.make(limits))[1], limits=Limits(max_steps=2, timeout_s=5)
    )

    await run(chain_of({"steps": [step("say")]}, {"say": own}, Limits(timeout_s=60, max_total_tokens=900)))

    assert (seen[0].max_steps, seen[0].timeout_s, seen[0].max_total_tokens) == (2, 5, 900)


async def test_leaving_a_run_ends_every_call():
    llm = ScriptedLLM("word " * 2000, delay_s=0.001)
    definition = {"steps": [step(name, inputs={"value": "input.input"}) for name in ("a", "b", "c")]}
    chain = chain_of(definition, dict.fromkeys("abc", asks(llm)))

    async with aclosing(chain.run({"input": "x"})) as events:
        async for event in events:
            if isinstance(event, TextDelta) and "word" in event.text:
                break

    assert llm.closed_early == len(llm.requests)
    assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()


async def test_cancelling_a_run_ends_every_call():
    llm = ScriptedLLM("word " * 2000, delay_s=0.001)
    chain = chain_of({"steps": [step("a")]}, {"a": asks(llm)})
    task = asyncio.ensure_future(run(chain))
    while not llm.requests:
        await asyncio.sleep(0.001)

    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert llm.closed_early == 1


def test_outputs_as_people_read_them():
    assert [shown(value) for value in (None, "a", ["a", {"b": 1}, None], {"a": 1}, 3)] == [
        "",
        "a",
        'a\n{"b":1}',
        '{"a":1}',
        "3",
    ]
