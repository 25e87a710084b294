"""Tokens without a tokenizer: by script, with what formats add, and corrected by what servers report."""

from decimal import Decimal

import pytest

from agents.runtime.errors import ModelError
from agents.runtime.events import ModelCalling
from agents.runtime.fallbacks import FallbackLLM
from agents.runtime.llm import CallChunk, FunctionCall, FunctionSpec, Message, Price, Request, TextChunk, Usage
from agents.runtime.model_call import ModelCall
from agents.runtime.providers.openai_compatible import OpenAICompatible
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tokens import estimated, estimated_body, estimated_prompt, estimated_request
from agents.runtime.tokens.calibration import Calibration, Windows, key_of
from agents.runtime.tokens.scripts import fewest


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("The quick brown fox.", 5),
        ("Привет, мир", 7),  # nine letters, a comma and a blank
        ("日本語です", 5),
        ("한국어", 3),
        ('{"name": "x", "n": 1}', 7),
        ("Look:\n```\nx = 1\n```", 6),
        ("word " * 4000, 5000),
    ],
)
def test_a_text_is_counted_by_its_script(text, tokens):
    assert estimated(text) == tokens


def test_messages_calls_and_schemas_add_to_their_texts():
    call = FunctionCall("c1", "search", '{"query": "tower"}')
    asked = [Message("user", "How high?"), Message("assistant", "", (call,)), Message("tool", "343 m", call_id="c1")]
    schema = FunctionSpec("search", "Finds things.", {"type": "object", "properties": {"query": {"type": "string"}}})
    plain = estimated_request(Request(tuple(asked)))

    assert estimated_prompt([]) == 3
    assert estimated_prompt(asked[:1]) == 3 + 3 + 3
    whole = Request(tuple(asked), functions=(schema,))
    assert plain > estimated_prompt([asked[0], asked[2]]) + 10
    assert 40 < estimated_request(whole) - plain < 70
    assert estimated_body(whole.to_json()) == estimated_request(whole)


def test_a_call_that_is_cut_off_costs_what_it_used_until_then():
    schema = FunctionSpec("search", "Finds things.", {"type": "object"})
    request = Request((Message("user", "word " * 400),), functions=(schema,))
    call = ModelCall(ScriptedLLM("x", price=Price(Decimal(1), Decimal(2))), request).announced(1)
    cut = call.cut_off(step=1, text="word " * 40, duration_ms=1)

    assert cut.usage == Usage(estimated_request(request), 50, estimated=True)
    assert cut.cost == Decimal(cut.usage.input + 100) / 1_000_000
    assert ModelCalling(1, "m", request.to_json()).cut_off(step=1, text="", duration_ms=1).cost is None


class Breaking(ScriptedLLM):
    """Breaks off after these chunks."""

    async def stream(self, request):
        for chunk in self.replies:
            yield chunk
        raise ModelError("unreachable", "Gone.")


async def broken_off(request, *chunks):
    call = ModelCall(Breaking(*chunks), request)
    with pytest.raises(ModelError):
        [chunk async for chunk in call.chunks()]
    return call.record(1)


async def test_a_call_that_breaks_off_among_its_arguments_keeps_them_and_costs_them():
    request = Request((Message("user", "Hi"),))
    pieces = [CallChunk(0, "search", '{"q": "'), CallChunk(1, "look", ""), CallChunk(0, "", "word " * 40)]

    record = await broken_off(request, *pieces)

    assert record.calls == (FunctionCall("", "search", '{"q": "' + "word " * 40), FunctionCall("", "look", ""))
    assert record.usage.estimated
    assert record.usage.output > 50


async def test_a_call_that_breaks_off_counts_all_its_replies():
    request = Request((Message("user", "Hi"),), n=3)
    words = "word " * 40

    record = await broken_off(request, TextChunk(words), TextChunk(words, choice=2), TextChunk(words, True, choice=2))

    assert record.usage.output == 150
    assert [(choice.text, choice.reasoning) for choice in record.choices] == [(words, ""), (words, words)]


def test_a_model_s_estimates_are_corrected_by_what_its_server_counts():
    calibration = Calibration()
    calibration.learn("m", estimated=1000, reported=1400)
    calibration.learn("m", estimated=1000, reported=1000)

    assert calibration.factor("m") == pytest.approx(1.28)
    assert calibration.factor("another") == 1


def test_one_odd_count_changes_little_and_short_prompts_nothing():
    calibration = Calibration()
    calibration.learn("m", estimated=1000, reported=90_000)
    assert calibration.factor("m") == 2
    calibration.learn("m", estimated=50, reported=10)
    calibration.learn("m", estimated=1000, reported=0)
    assert calibration.factor("m") == 2
    for _ in range(20):
        calibration.learn("m", estimated=1000, reported=1)
    assert calibration.factor("m") == pytest.approx(0.5, abs=0.01)


def test_a_window_is_what_was_set_until_the_server_shows_otherwise():
    windows, llm = Windows(), ScriptedLLM("x", context_window=8000)

    assert windows.of(llm) == 8000
    windows.lower(llm, 9000)
    assert windows.of(llm) == 8000
    windows.lower(llm, 4000)
    assert windows.of(llm) == 4000
    windows.took(llm, 5000)
    assert windows.of(llm) == 5000
    windows.correct(llm, 32_000)
    assert windows.of(llm) == 8000
    assert windows.of(ScriptedLLM("x", name="other")) is None


def test_a_window_that_is_set_later_wins_over_what_was_learned_before():
    windows, llm = Windows(), ScriptedLLM("x", context_window=8000)
    windows.lower(llm, 4000)
    llm.context_window = 16_000

    assert windows.of(llm) == 16_000
    windows.lower(llm, 12_000)
    assert windows.of(llm) == 12_000


def test_a_model_is_another_one_at_another_server():
    windows, calibration = Windows(), Calibration()
    here, there = (OpenAICompatible(base_url=f"http://{at}/v1", api_key="k", model="m") for at in ("a", "b"))
    windows.lower(here, 4000)
    calibration.learn(key_of(here), estimated=1000, reported=1500)

    assert (windows.of(here), windows.of(there)) == (4000, None)
    assert (calibration.factor(key_of(here)), calibration.factor(key_of(there))) == (1.5, 1)
    assert key_of(FallbackLLM([here, there])) == key_of(here)
    windows.forget(key_of(here))
    assert windows.of(here) is None


def test_the_fewest_tokens_a_text_can_have_leave_out_what_tokenizers_pack():
    assert fewest("=" * 1000 + " " * 1000) == 0
    assert fewest("The quick brown fox jumps. " * 100) < estimated("The quick brown fox jumps. " * 100)
