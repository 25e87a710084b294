"""Search and Lookup over a small collection."""

import threading

import pytest

from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tools import ToolContext
from agents.tools.docstore import Lookup, Search
from agents.tools.documents import DocumentIndex
from agents.tools.passages import Passages
from agents.tools.sentences import sentences_of

INDEX = DocumentIndex(
    [
        ("Jørn Utzon", "Jørn Utzon was a Danish architect. He was born in Copenhagen.\n\nHe won a prize in 2003."),
        (
            "Sydney Opera House",
            "The Sydney Opera House was designed by Jørn Utzon.\n\nIt opened in 1973. It was a success.",
        ),
        ("Vistula", "One. Two. Three. Four. Five. Six."),
    ]
)


@pytest.fixture
def context():
    return ToolContext(llm=ScriptedLLM("unused"), step=1, report=lambda event: None)


async def search(text, context):
    return await Search(INDEX).run(text, context)


async def lookup(text, context):
    return await Lookup(INDEX).run(text, context)


async def test_a_title_is_found_whatever_its_case_and_accents(context):
    found = await search("jorn utzon", context)
    assert found.text == "Jørn Utzon: Jørn Utzon was a Danish architect. He was born in Copenhagen."


async def test_other_words_find_the_best_article_and_say_which_it_is(context):
    assert (await search("who designed the opera house?", context)).text.startswith("Sydney Opera House: ")


async def test_a_summary_has_at_most_five_sentences(context):
    assert (await search("Vistula", context)).text == "Vistula: One. Two. Three. Four. Five."


async def test_what_is_not_there_comes_with_similar_titles(context):
    found = await search("Vistulla", context)
    assert found.text == "Could not find Vistulla. Similar: [Vistula]."
    assert found.error == "not_found"


async def test_a_search_leaves_the_loop_to_others(context):
    class Slow(DocumentIndex):
        threads = set()

        def search(self, *args, **options):
            self.threads.add(threading.current_thread())
            return super().search(*args, **options)

        def similar_titles(self, *args, **options):
            self.threads.add(threading.current_thread())
            return super().similar_titles(*args, **options)

    tool = Search(Slow([("Garabit viaduct", "A bridge of iron.")]))
    await tool.run("iron bridge", context)
    await tool.run("zzz", context)

    assert len(Slow.threads) >= 1 and threading.main_thread() not in Slow.threads


async def test_lookup_needs_a_page(context):
    assert (await lookup("prize", context)).text == "Search for a page first."


async def test_lookup_gives_one_sentence_after_the_other_and_starts_again(context):
    await search("Jørn Utzon", context)
    texts = [(await lookup("was", context)).text for _ in range(4)]
    assert texts == [
        "(Result 1 / 2) Jørn Utzon was a Danish architect.",
        "(Result 2 / 2) He was born in Copenhagen.",
        "No more results.",
        "(Result 1 / 2) Jørn Utzon was a Danish architect.",
    ]


async def test_another_word_and_another_page_start_at_the_first_result(context):
    await search("Jørn Utzon", context)
    await lookup("was", context)
    assert (await lookup("2003", context)).text == "(Result 1 / 1) He won a prize in 2003."
    await search("Sydney Opera House", context)
    assert (await lookup("was", context)).text.startswith("(Result 1 / 2) The Sydney Opera House was")


async def test_a_word_that_is_not_on_the_page(context):
    await search("Jørn Utzon", context)
    assert (await lookup("was", context)).text.startswith("(Result 1 / 2)")
    assert (await lookup("piano", context)).text == 'No results for "piano" on page "Jørn Utzon".'
    assert (await lookup("was", context)).text.startswith("(Result 1 / 2)")


async def test_a_failed_search_leaves_the_page_in_place(context):
    await search("Jørn Utzon", context)
    await search("zzz", context)
    assert (await lookup("prize", context)).text.startswith("(Result 1 / 1)")


async def test_two_runs_do_not_see_each_others_page(context):
    await search("Jørn Utzon", context)
    other = ToolContext(llm=context.llm, step=1, report=lambda event: None)
    assert (await lookup("prize", other)).text == "Search for a page first."


@pytest.mark.parametrize("text", ["", "   ", None, {"a": 1}, "x" * 2001])
async def test_unusable_input_is_named(text, context):
    found = await search(text, context)
    assert found.error == "bad_input"
    assert found.text.startswith("Search could not use this input: it is ")


async def test_an_empty_collection_finds_nothing(context):
    assert (await Search(DocumentIndex([])).run("x", context)).error == "not_found"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("J. S. Bach wrote it. Then he slept.", ["J. S. Bach wrote it.", "Then he slept."]),
        ("Dr. Who? Yes! Approx. 5 km, e.g. Rome.", ["Dr. Who?", "Yes!", "Approx. 5 km, e.g. Rome."]),
        ("U.S. President Nixon. J.R.R. Tolkien.", ["U.S. President Nixon.", "J.R.R. Tolkien."]),
        ("a line\nanother. with lower case", ["a line", "another. with lower case"]),
        ("これは本。あれは犬。", ["これは本。", "あれは犬。"]),
        ("He said “Go.” “No.” was the reply.", ["He said “Go.”", "“No.” was the reply."]),
    ],
)
def test_sentences(text, sentences):
    assert sentences_of(text) == sentences


PLACES = DocumentIndex(
    [
        ("Mercury (planet)", "Mercury is the first planet from the Sun. It is small."),
        ("Mercury (element)", "Mercury is a metal. It is liquid."),
        ("Titan (moon)", "Titan is the largest moon of Saturn."),
        ("The Hague", "The Hague is a city in the Netherlands."),
        ("Bank", "Bank may refer to:\n- Bank (geography): the land beside a river\n- Bank (money): a house for money"),
    ]
)


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("titan", "Titan (moon)"),
        ("Hague", "The Hague"),
        ("the Titan", "Titan (moon)"),
        ("mercury (PLANET)", "Mercury ("),
    ],
)
async def test_a_title_may_be_said_without_its_article_and_its_brackets(asked, title, context):
    assert (await Search(PLACES, titles_only=True).run(asked, context)).text.startswith(title)


async def test_several_articles_of_a_name_are_listed_instead_of_guessed(context):
    found = await Search(PLACES).run("Mercury", context)

    assert found.text == (
        "Mercury has several meanings. Search for one of them:\n"
        "- Mercury (planet): Mercury is the first planet from the Sun.\n"
        "- Mercury (element): Mercury is a metal."
    )
    assert (await Lookup(PLACES).run("planet", context)).text == "Search for a page first."


async def test_a_page_of_meanings_is_listed(context):
    assert (await Search(PLACES).run("bank", context)).text.splitlines()[1:] == [
        "- Bank (geography): the land beside a river",
        "- Bank (money): a house for money",
    ]


async def test_at_most_ten_meanings_are_listed(context):
    many = DocumentIndex([(f"Place ({n})", "It is a place.") for n in range(20)])
    assert len((await Search(many).run("Place", context)).text.splitlines()) == 11


async def test_with_titles_only_nothing_is_guessed_and_the_best_hits_are_named(context):
    found = await Search(INDEX, titles_only=True).run("architect of the opera house", context)

    assert found.error == "not_found"
    assert found.text.startswith("Could not find architect of the opera house. Similar: [Sydney Opera House")


async def test_at_most_five_titles_are_similar(context):
    many = DocumentIndex([(f"Bridge {n}", "A bridge.") for n in range(20)])
    found = await Search(many, titles_only=True).run("bridge", context)
    assert len(found.data["similar"]) == 5


def test_markup_and_marks_of_a_page_are_not_shown():
    page = "<p>The <b>Tarn</b> is a river.<sup>[1]</sup></p><h2>Course[edit]</h2><ul><li>A &amp; B</li></ul>"
    (document,) = DocumentIndex([("Tarn", page)]).documents

    assert document.text.split("\n\n")[:2] == ["The Tarn is a river.", "Course"]
    assert "A & B" in document.text and "<" not in document.text


def test_what_only_looks_like_markup_stays():
    text = "If a < b and c > d, see [x] and list[0]."
    (document,) = DocumentIndex([("x", text)]).documents
    assert document.text == text


async def test_passages_hold_the_sentence_that_answers(context):
    long = " ".join(f"Sentence number {n} says nothing." for n in range(9))
    index = DocumentIndex([("Tarn", f"The Tarn is a river. {long} It flows into the Garonne."), ("Lot", "Another.")])

    found = await Passages(index).run("Into which river does the Tarn flow?", context)

    assert found.text.startswith("Tarn: The Tarn is a river.") and found.text.endswith("It flows into the Garonne.")
    assert len(sentences_of(found.text)) == 5
    assert (await Passages(index).run("xyz", context)).error == "not_found"
    assert (await Passages(index).run("", context)).error == "bad_input"


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Był sobie król. Łódź to miasto.", ["Był sobie król.", "Łódź to miasto."]),
        ("Он жил. Это было.", ["Он жил.", "Это было."]),
        ("", []),
        ("...", ["..."]),
        ("One.  2nd.", ["One.", "2nd."]),
    ],
)
def test_sentences_of_other_scripts_and_of_little(text, sentences):
    assert sentences_of(text) == sentences
