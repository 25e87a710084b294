"""When a model fails before anything was shown, the next one is asked."""

from contextlib import aclosing
from decimal import Decimal

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.events import Notice
from agents.runtime.fallbacks import REASONS, FallbackLLM
from agents.runtime.llm import Capabilities, FellBack, FunctionSpec, Message, Price, Reply, Request, TextChunk, Usage
from agents.runtime.model_call import ModelCall
from agents.runtime.scripted import ScriptedLLM

ASKED = Request((Message("user", "Hi"),), max_tokens=3000)
WITH_TOOLS = Request(ASKED.messages, functions=(FunctionSpec("search", "Finds.", {"type": "object"}),))
DEAR, CHEAP = Price(Decimal(900), Decimal(900)), Price(Decimal(1), Decimal(1))


def broken(code, name="first", capabilities=None, **fields):
    return ScriptedLLM(ModelError(code, "No.", **fields), name=name, capabilities=capabilities)


async def talk(llm, request=ASKED):
    return [chunk async for chunk in llm.stream(request)]


@pytest.mark.parametrize("reason", sorted(REASONS))
async def test_the_next_in_order_answers(reason):
    second = ScriptedLLM("Here.", name="second")

    chunks = await talk(FallbackLLM([broken(reason), second]))

    assert chunks[0] == FellBack("first", "second", reason)
    assert chunks[-1].text == "Here."


@pytest.mark.parametrize("code", ["bad_request", "content_filter", "unsupported"])
async def test_what_would_fail_there_too_is_not_tried(code):
    second = ScriptedLLM("Here.")

    with pytest.raises(ModelError) as failed:
        await talk(FallbackLLM([broken(code), second]))

    assert (failed.value.code, second.requests) == (code, [])


async def test_nothing_is_asked_again_once_something_was_shown():
    class Breaking(ScriptedLLM):
        async def stream(self, request):
            yield TextChunk("The cap")
            raise ModelError("unreachable", "Gone.")

    second = ScriptedLLM("Here.")
    with pytest.raises(ModelError):
        await talk(FallbackLLM([Breaking(""), second]))

    assert second.requests == []


async def test_the_last_failure_is_told_when_none_works():
    with pytest.raises(ModelError) as failed:
        await talk(FallbackLLM([broken("overloaded"), broken("auth", "second")]))

    assert failed.value.code == "auth"


async def test_who_knows_no_functions_is_passed_over_while_another_does():
    unable = ScriptedLLM("No.", name="unable", capabilities=Capabilities(tools=False))
    able = ScriptedLLM("Here.", name="able")

    chunks = await talk(FallbackLLM([broken("overloaded"), unable, able]), WITH_TOOLS)
    plain = await talk(FallbackLLM([broken("overloaded"), unable, able]))

    assert chunks[0] == FellBack("first", "able", "overloaded")
    assert plain[0] == FellBack("first", "unable", "overloaded")


async def test_who_turns_out_to_know_no_functions_hands_on():
    able = ScriptedLLM("Here.", name="able")

    chunks = await talk(FallbackLLM([broken("overloaded"), broken("unsupported", "unable"), able]), WITH_TOOLS)

    assert chunks[1] == FellBack("unable", "able", "unsupported")
    assert chunks[-1].text == "Here."


async def test_where_none_knows_functions_the_next_is_asked_all_the_same():
    unable = broken("unsupported", "unable", capabilities=Capabilities(tools=False))

    with pytest.raises(ModelError) as failed:
        await talk(FallbackLLM([broken("overloaded"), unable]), WITH_TOOLS)

    assert failed.value.code == "unsupported"


async def test_what_is_too_long_goes_to_a_larger_window():
    small = ScriptedLLM("No.", name="small", context_window=1000)
    large = ScriptedLLM("Here.", name="large", context_window=100_000)

    chunks = await talk(FallbackLLM([broken("context_overflow", limit=4096), small, large]))

    assert chunks[0] == FellBack("first", "large", "context_overflow")
    assert small.requests == []


async def test_who_gave_up_is_not_asked_again_and_the_one_in_use_is_described():
    first = broken("quota")
    second = ScriptedLLM("A", name="second", context_window=8192, price=CHEAP, capabilities=Capabilities(tools=False))
    llm = FallbackLLM([first, second])
    assert llm.name == "first"

    await talk(llm)
    again = await talk(llm)

    assert not any(isinstance(chunk, FellBack) for chunk in again)
    assert len(first.requests) == 1
    assert (llm.name, llm.context_window, llm.price, llm.capabilities.tools) == ("second", 8192, CHEAP, False)
    assert second.requests[0].max_tokens == 2048


async def test_the_one_that_answered_is_paid_and_the_change_is_said():
    first = ScriptedLLM(ModelError("overloaded", "No."), name="first", price=DEAR)
    second = ScriptedLLM("Here.", name="second", price=CHEAP)
    call = ModelCall(FallbackLLM([first, second]), ASKED)

    notices = [chunk async for chunk in call.chunks() if isinstance(chunk, Notice)]
    record = call.record(1)

    assert [notice.code for notice in notices] == ["fallback"]
    assert "second answers instead of first" in notices[0].text
    assert record.cost == CHEAP.of(record.usage)


async def test_the_price_of_a_reply_wins_over_that_of_the_model_in_use():
    reply = Reply("Hi", "stop", Usage(10, 5), "other", price=CHEAP)
    call = ModelCall(ScriptedLLM(reply, price=DEAR), ASKED)
    assert [chunk async for chunk in call.chunks()]

    assert call.record(1).cost == CHEAP.of(reply.usage)


async def test_leaving_early_ends_the_call_of_the_model_in_use():
    second = ScriptedLLM("A long answer.", name="second")

    async with aclosing(FallbackLLM([broken("timeout"), second]).stream(ASKED)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, TextChunk):
                break

    assert second.closed_early == 1
