"""Which examples are shown with a question, and how it is told."""

import asyncio

import pytest

from agents.runtime.agents import chosen_examples
from agents.runtime.agents.chosen_examples import WithChosenExamples
from agents.runtime.agents.conversation import Conversation
from agents.runtime.embeddings import RememberingEmbedder
from agents.runtime.errors import ModelError
from agents.runtime.events import Finished, ModelCalled, ModelCalling, Notice
from agents.runtime.llm import Message
from agents.runtime.prompts import parse_prompt, render, select_examples, selected
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tokens import estimated_prompt
from tests.agents.runtime.fakes import drain

ANIMALS = {
    "What do cats eat?": "animals",
    "How long is a river?": "places",
    "What do dogs eat at night?": "animals",
    "Which river is the longest river?": "places",
    "Who wrote this book?": "books",
    "What do cats drink?": "animals",
}


def prompt(select=None, examples=None, **example):
    questions = ANIMALS if examples is None else examples
    return parse_prompt(
        {
            "messages": [{"role": "user", "content": "{{ question }}"}],
            "examples": [{"inputs": {"question": asked}, "output": answer} for asked, answer in questions.items()],
            "example": {**example, "select": select or {}},
        }
    )


def places(select, question="Is it a book?"):
    return selected(prompt(select), {"question": question}).places


def test_all_are_shown_in_stored_order():
    assert places({}) == (0, 1, 2, 3, 4, 5)


def test_the_first_few():
    assert places({"by": "first", "k": 2}) == (0, 1)
    assert places({"by": "first", "k": 99}) == (0, 1, 2, 3, 4, 5)


def test_a_seed_draws_the_same_ones_each_time_in_stored_order():
    drawn = [places({"by": "random", "k": 3, "seed": seed}) for seed in range(20)]

    assert drawn == [places({"by": "random", "k": 3, "seed": seed}) for seed in range(20)]
    assert all(list(one) == sorted(one) and len(one) == 3 for one in drawn)
    assert len(set(drawn)) > 5


def test_one_that_is_left_out_moves_no_other_drawn_one():
    asked = list(ANIMALS)
    drawn = places({"by": "random", "k": 3, "seed": 1})
    without = places({"by": "random", "k": 3, "seed": 1}, asked[drawn[0]])
    assert set(drawn[1:]) < set(without)


@pytest.mark.parametrize("placement", ["messages", "system"])
def test_the_budget_is_that_of_the_whole_prompt(placement):
    spec = prompt({"by": "budget", "max_tokens": 60}, placement=placement)
    history = [Message("user", "x" * 40)]

    shown = selected(spec, {"question": "?"}).places

    assert shown == tuple(range(len(shown)))
    assert 0 < len(shown) < len(ANIMALS)
    assert estimated_prompt(render(spec, {"question": "?"})) <= 60
    assert len(selected(spec, {"question": "?"}, history=history).places) < len(shown)
    assert selected(spec, {"question": "x" * 400}).places == ()


def test_the_most_similar_stand_last():
    assert places({"by": "similar", "k": 3}, "What do small cats eat?")[::-1] == (0, 5, 2)
    assert places({"by": "similar", "k": 2}, "Longest RIVER?")[::-1] == (3, 1)


def test_where_nothing_is_similar_the_stored_order_decides():
    assert places({"by": "similar", "k": 2}, "Привет")[::-1] == (0, 1)


def test_relevance_and_variety_are_weighed():
    question = "What do cats eat?!"
    similar = places({"by": "similar", "k": 3}, question)[::-1]
    varied = places({"by": "mmr", "k": 3, "lambda": 0.2}, question)[::-1]
    assert similar == (0, 5, 2)
    assert places({"by": "mmr", "k": 3, "lambda": 1}, question)[::-1] == similar
    assert varied[0] == 0
    assert set(varied) != set(similar)
    assert set(places({"by": "mmr", "k": 3, "lambda": 0, "fetch_k": 3}, question)) == set(similar)


def test_labels_take_turns():
    assert places({"by": "balanced", "k": 4}) == (0, 1, 4, 2)
    assert places({"by": "balanced", "k": 99}) == (0, 1, 4, 2, 3, 5)


def test_an_example_that_asks_the_same_is_left_out():
    chosen = selected(prompt(), {"question": "  what do CATS eat? "})

    assert chosen.left_out == (0,)
    assert chosen.places == (1, 2, 3, 4, 5)
    assert Message("user", "What do cats eat?") not in render(prompt(), {"question": "What do cats eat?"})[:-1]


def test_an_example_with_names_of_its_own_is_compared_by_its_text():
    spec = parse_prompt(
        {
            "messages": [{"role": "user", "content": "{{ question }} {{#tone}}x{{/tone}}"}],
            "examples": [
                {"inputs": {"asked": "Same?"}, "output": "a"},
                {"inputs": {"question": "Same?", "tone": "dry"}, "output": "b"},
                {"inputs": {"tone": "dry", "asked": "Other?"}, "output": "c"},
            ],
            "example": {"user": "{{#asked}}{{ . }}{{/asked}}"},
        }
    )
    assert selected(spec, {"question": "same?"}).left_out == (0,)
    assert selected(spec, {"question": "same?", "tone": "dry"}).left_out == (1,)
    assert selected(spec, {"question": "same?", "tone": "warm"}).left_out == ()


class FakeEmbedder:
    """Knows two meanings: of pets, and of all the rest."""

    def __init__(self, error=None):
        self.asked = []
        self.error = error

    async def embed(self, texts):
        if self.error:
            raise self.error
        self.asked.append(list(texts))
        return [[1.0, 0.1 * len(text)] if "pet" in text or "dog" in text else [0.0, 1.0] for text in texts]

    async def aclose(self):
        self.asked = None


async def test_meaning_is_compared_where_a_model_can_tell_it():
    spec = prompt({"by": "similar", "k": 1})

    by_meaning = await select_examples(spec, {"question": "pets"}, FakeEmbedder())

    assert by_meaning.places == (2,)
    assert (await select_examples(spec, {"question": "pets"})).places == (0,)


async def test_the_embedder_is_asked_only_where_likeness_counts():
    embedder = FakeEmbedder()
    for spec in (prompt(), prompt({"by": "balanced"}), prompt({"by": "similar"}, examples={})):
        await select_examples(spec, {"question": "pets"}, embedder)
    assert embedder.asked == []


async def test_each_text_is_embedded_once_and_not_for_ever():
    model = FakeEmbedder()
    embedder = RememberingEmbedder(model, size=3)

    first = await embedder.embed(["a", "dog", "a"])
    assert first == await embedder.embed(["a", "dog", "a"])
    assert first[0] == first[2]
    await embedder.embed(["a", "b", "c"])
    await embedder.embed(["dog", "c"])
    assert model.asked == [["a", "dog"], ["b", "c"], ["dog"]]
    await embedder.aclose()
    assert model.asked is None


def conversation(spec, embedder=None):
    llm = ScriptedLLM("Fish.")
    return WithChosenExamples(llm, spec, lambda chosen: Conversation(llm, chosen), embedder)


async def test_an_agent_is_given_the_chosen_examples_and_the_trace_names_them():
    agent = conversation(prompt({"by": "similar", "k": 1}), FakeEmbedder())

    events = await drain(agent.run({"question": "pets"}))

    assert [m.content for m in agent.llm.requests[0].messages] == ["What do dogs eat at night?", "animals", "pets"]
    told = [event.request["examples"] for event in events if isinstance(event, ModelCalling | ModelCalled)]
    assert told == [[2], [2]]
    assert isinstance(events[-1], Finished)


async def test_nothing_is_told_where_all_examples_are_shown():
    events = await drain(conversation(prompt()).run({"question": "?"}))

    assert not [event for event in events if isinstance(event, Notice)]
    assert all("examples" not in event.request for event in events if isinstance(event, ModelCalled))


async def test_a_left_out_example_is_told():
    events = await drain(conversation(prompt()).run({"question": "what do cats eat?"}))

    assert [event.code for event in events if isinstance(event, Notice)] == ["examples_left_out"]
    assert events[0].text.startswith("Example 1 asks exactly this")
    (request,) = [event.request for event in events if isinstance(event, ModelCalled)]
    assert (request["examples"], request["examples_left_out"]) == ([1, 2, 3, 4, 5], [0])


async def test_words_are_compared_where_the_embedding_model_fails():
    agent = conversation(prompt({"by": "similar", "k": 1}), FakeEmbedder(ModelError("unreachable", "Nobody there.")))

    events = await drain(agent.run({"question": "What do cats drink now?"}))

    assert events[0] == Notice("embedding_failed", "Examples are chosen by their words. Nobody there.")
    assert agent.llm.requests[0].messages[0].content == "What do cats drink?"


async def test_an_embedding_model_that_never_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(chosen_examples, "EMBEDDING_S", 0.01)

    class Silent:
        async def embed(self, texts):
            await asyncio.Event().wait()

    agent = conversation(prompt({"by": "similar", "k": 1}), Silent())
    events = await drain(agent.run({"question": "What do cats drink now?"}))

    assert events[0].text.endswith("The embedding model didn't answer within 20 s.")
    assert agent.llm.requests[0].messages[0].content == "What do cats drink?"
