"""From one template format to the other, and from LangChain's prompt files to ours."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.errors import PromptError
from agents.runtime.llm import Message
from agents.runtime.prompts import parse_prompt, problems, render
from agents.runtime.prompts.langchain import from_langchain, is_langchain
from agents.runtime.templates import fstring, mustache
from agents.runtime.templates.conversion import convert


@pytest.mark.parametrize(
    ("fstring_text", "mustache_text"),
    [
        ("Hi {name}!", "Hi {{ name }}!"),
        ('{{"x": {v}}}', '{"x": {{ v }}}'),
        ("{{{{ name }}}}", r"\{{ name }}"),
        ("a\\b {v}", "a\\b {{ v }}"),
        ("", ""),
    ],
)
def test_both_ways(fstring_text, mustache_text):
    assert convert(fstring_text, "fstring", "mustache") == mustache_text
    assert convert(mustache_text, "mustache", "fstring") == fstring_text
    assert convert(mustache_text, "mustache", "mustache") == mustache_text


@pytest.mark.parametrize("text", ["{{{v}}}", "C:\\{v}"])
def test_what_mustache_cannot_say_is_refused(text):
    with pytest.raises(PromptError) as refused:
        convert(text, "fstring", "mustache")
    assert refused.value.code == "not_convertible"


@pytest.mark.parametrize("text", ["x\n{{#a}}y{{/a}}", "x\n{{ a.b }}", "x\n{{> a@1 }}"])
def test_what_fstring_cannot_say_is_refused_with_the_place(text):
    with pytest.raises(PromptError, match="line 2, column 1") as refused:
        convert(text, "mustache", "fstring")
    assert refused.value.code == "not_convertible"


PIECES = st.lists(st.sampled_from(["{{", "}}", "{a}", "{ b }", "\\", " ", "\n", "#", "!", "x"]), max_size=12).map(
    "".join
)
VALUES = {"a": "{{ b }}", "b": "}{a}"}


@given(PIECES)
@settings(max_examples=150, deadline=None)
def test_a_converted_template_renders_the_same_and_converts_back(text):
    try:
        other = convert(text, "fstring", "mustache")
    except PromptError:
        return
    assert mustache.parse(other).render(VALUES) == fstring.parse(text).render(VALUES)
    back = convert(other, "mustache", "fstring")
    assert fstring.parse(back).render(VALUES) == fstring.parse(text).render(VALUES)


PROMPT = {
    "_type": "prompt",
    "input_variables": ["product"],
    "partial_variables": {"tone": "funny"},
    "template": "A {tone} name for a company that makes {product}?",
    "template_format": "f-string",
    "validate_template": True,
    "output_parser": None,
}
FEW_SHOT = {
    "_type": "few_shot",
    "input_variables": ["word"],
    "prefix": "Give the antonym of every {{word}}.",
    "example_prompt": {
        "_type": "prompt",
        "input_variables": ["word", "antonym"],
        "template": "Word: {word}\nAntonym: {antonym}",
    },
    "examples": [{"word": "happy", "antonym": "sad"}, {"word": "{tall}", "antonym": "short"}],
    "suffix": "Word: {word}\nAntonym:",
    "example_separator": "\n--\n",
}


def test_a_prompt_of_langchain_is_the_question():
    assert is_langchain(PROMPT)
    spec = parse_prompt(from_langchain(PROMPT, slug="names"))

    assert problems(spec) == []
    asked = "A funny name for a company that makes colorful socks?"
    assert render(spec, {"product": "colorful socks"}) == [Message("user", asked)]


def test_a_few_shot_prompt_of_langchain_has_its_examples_in_the_system_message():
    file = from_langchain(FEW_SHOT, slug="antonyms")
    spec = parse_prompt(file)

    system, question = render(spec, {"word": "big"})

    assert problems(spec) == []
    assert file["examples"][0] == {"inputs": {"word": "happy"}, "output": "sad"}
    assert system.content == (
        "Give the antonym of every {word}.\n\nWord: happy\nAntonym: sad\n--\nWord: {tall}\nAntonym: short"
    )
    assert question.content == "Word: big\nAntonym:"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({**PROMPT, "template_format": "jinja2"}, "a jinja2 template is a program"),
        ({**PROMPT, "template_format": None}, "only f-string"),
        ({**FEW_SHOT, "template_format": "jinja2"}, "only f-string"),
        ({**FEW_SHOT, "example_prompt": {**PROMPT, "template_format": "jinja2"}}, "only f-string"),
        ({"_type": "chat"}, "of type “chat” can't be imported"),
        ({"_type": "prompt", "template_path": "/etc/passwd"}, "in the file itself"),
        ({**FEW_SHOT, "examples": "examples.json"}, "in the file itself"),
        ({**FEW_SHOT, "example_prompt_path": "x", "example_prompt": None}, "in the file itself"),
        ({**FEW_SHOT, "examples": [{"word": "happy"}]}, "Example 1 is an object with the field antonym"),
        ({**PROMPT, "input_variables": "product"}, "a list of names"),
        ({**PROMPT, "partial_variables": ["x"]}, "an object"),
    ],
)
def test_what_langchain_would_run_or_fetch_is_refused(data, told):
    with pytest.raises(PromptError, match=told):
        from_langchain(data, slug="x")


def test_format_specs_of_langchain_are_refused_with_their_place():
    with pytest.raises(PromptError, match="Message 1: “product:>10” is not a name"):
        parse_prompt(from_langchain({**PROMPT, "template": "{product:>10}"}, slug="x"))
