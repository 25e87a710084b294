"""Templates and values made to run code, to leak or to hang: refused when saved, or rendered as the text they are."""

import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.runtime.errors import PromptError
from agents.runtime.prompts import Included, parse_prompt, problems, render
from agents.runtime.templates import fstring, mustache

SECRET = "the secret"


class Holder:
    """What an attack would try to reach through."""

    secret = SECRET

    def __str__(self):
        return "a holder"

    def __call__(self):
        return SECRET

    def __getitem__(self, key):
        return SECRET

    def __format__(self, spec):
        return SECRET


REFUSED = {
    "fstring": [
        "{a.__class__}",
        "{a.__class__.__mro__[1].__subclasses__()}",
        "{a[secret]}",
        "{a[0]}",
        "{a!r}",
        "{a!s:>99999999}",
        "{a:{a}}",
        "{a:>10}",
        "{0}",
        "{}",
        "{a()}",
        "{a|upper}",
        "{lambda: 1}",
        "{__import__('os').system('id')}",
        "{a\n}",
        "{" * 999 + "a",
        "}" * 99 + "{",
        "{ａ}",
    ],
    "mustache": [
        "{{ a.__class__ }}",
        "{{ a.secret }}",
        "{{ a.items }}",
        "{{ a() }}",
        "{{ a.secret() }}",
        "{{ a['secret'] }}",
        "{{ a|safe }}",
        "{{ 7*7 }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ config }}{{ self.__init__.__globals__ }}",
        "{{#lambda a}}{{/lambda a}}",
        "{{=<% %>=}}<% a %>",
        "{{& a }}",
        "{{{ a }}}",
        "{{> ../../etc/passwd }}",
        "{{> a }}",
        "{{ . }}",
        "{{^a}}{{ . }}{{/a}}",
        "{{#a}}" * 30 + "{{/a}}" * 30,
        "{{#a}}{{#b}}{{/a}}{{/b}}",
        "{{" * 999,
        "{{ a\x00 }}",
        "{{ а }}",  # Cyrillic
    ],
}
# Text that means something to other template engines, and to ours only text.
INERT = {
    "fstring": [
        "{{a.secret}}",
        "{{{{ a }}}}",
        "%(a)s $a ${{a}} <%= a %>",
        "{{% if a %}}x{{% endif %}}",
        "{{#a}}{{/a}}",
        "{a}",
    ],
    "mustache": [
        "{% for x in a %}{{! }}{% endfor %}",
        "{%- include 'x' -%}",
        "{# comment #}",
        "{a.__class__} {a!r} {0}",
        "${a} $a %(a)s <%= a %> #{a}",
        r"\{{ a.secret }}",
        "{{! {% debug %} a.secret() }}",
        "{{#a}}shown{{/a}}",
    ],
}


@pytest.mark.parametrize(
    ("template_format", "text"), [(name, text) for name, texts in REFUSED.items() for text in texts]
)
def test_what_is_not_of_the_grammar_is_refused_or_finds_nothing(template_format, text):
    with pytest.raises(PromptError):
        parse(template_format, text).render({"a": Holder(), "b": 1})


@pytest.mark.parametrize(("template_format", "text"), [(name, text) for name, texts in INERT.items() for text in texts])
def test_the_syntax_of_other_engines_is_text(template_format, text):
    assert SECRET not in parse(template_format, text).render({"a": Holder()})


def parse(template_format, text):
    return fstring.parse(text) if template_format == "fstring" else mustache.parse(text)


TAGS = [
    "{{ b }}",
    "{b}",
    "{{{ b }}}",
    "{{#b}}x{{/b}}",
    "{{> b@1 }}",
    "{{! gone }}",
    r"\{{ b }}",
    "{{=| |=}}",
    "}}{{",
    "{",
]


@pytest.mark.parametrize("value", TAGS)
def test_values_are_inserted_once_and_never_read_again(value):
    for where in (value, [value], {"x": value}):
        shown = mustache.parse("{{ a }}").render({"a": where, "b": SECRET})
        assert fstring.parse("{a}").render({"a": where, "b": SECRET}) == shown
        assert SECRET not in shown
    assert mustache.parse("{{#a}}{{ . }}{{/a}}").render({"a": [value], "b": SECRET}) == value


@pytest.mark.parametrize("value", TAGS)
def test_neither_examples_nor_earlier_values_of_a_prompt_are_templates(value):
    spec = parse_prompt(
        {
            "messages": [{"role": "system", "content": "{{ a }}"}, {"role": "user", "content": "{{ q }}"}],
            "variables": [{"name": "a", "default": value}, {"name": "q"}, {"name": "b", "default": SECRET}],
            "examples": [{"inputs": {"q": value}, "output": value, "reasoning": value}],
            "example": {"prefix": value, "suffix": value, "separator": value, "placement": "system"},
        }
    )

    text = "".join(message.content for message in render(spec, {"q": "?"}))

    assert SECRET not in text
    assert text.count(value) >= 3


def test_a_function_among_the_values_is_not_called():
    for template in (mustache.parse("{{ a }}{{#a}}!{{/a}}"), fstring.parse("{a}!")):
        assert template.render({"a": Holder()}) == "a holder!"


def holding_itself():
    endless = []
    endless.append(endless)
    return endless


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [holding_itself(), nested(100_000), 10**5000, {(1, 2): 3}], ids=lambda value: "")
def test_values_that_cannot_be_written_are_refused(value):
    for template in (mustache.parse("{{ a }}"), fstring.parse("{a}")):
        with pytest.raises(PromptError) as refused:
            template.render({"a": value})
        assert refused.value.code == "bad_value"


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("{{#a}}" * 20 + "x" + "{{/a}}" * 20, {"a": list(range(10))}),
        ("{{#a}}" * 20 + "{{/a}}" * 20, {"a": list(range(10))}),
        ("{{#a}}{{ b }}{{/a}}", {"a": list(range(10_000)), "b": "x" * 10_000}),
        ("{{ b }}" * 10_000, {"b": "x" * 10_000}),
    ],
    ids=["ten to the twenty", "and all empty", "long times many", "one long value often"],
)
def test_a_text_that_would_never_end_is_refused(template, values):
    with pytest.raises(PromptError) as refused:
        mustache.parse(template).render(values)
    assert refused.value.code == "too_long"


def test_a_million_laughs_are_refused():
    laughs = {f"l@{n}": f"{{{{> l@{n + 1} }}}}" * 10 for n in range(1, 5)} | {"l@5": "ha"}

    with pytest.raises(PromptError) as refused:
        mustache.parse("{{> l@1 }}", laughs)

    assert refused.value.code == "too_deep"


def test_a_prompt_may_include_many_others_but_not_without_end():
    assert mustache.parse("{{> a@1 }}" * 100, {"a@1": "x"}).render({}) == "x" * 100
    with pytest.raises(PromptError) as refused:
        mustache.parse("{{> a@1 }}" * 101, {"a@1": "x"})
    assert refused.value.code == "too_deep"


# What a text is likely to break on, in any order.
PIECES = st.sampled_from(
    ["{{", "}}", "{", "}", "#", "^", "/", ">", "!", "a", "b@1", ".", " ", "\n", "\\", "{{a}}", "{{#a}}", "{{/a}}", "é"]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60)
VALUES = st.dictionaries(
    st.sampled_from(["a", "b", "A"]),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | TEXTS | st.just(date(2026, 1, 2)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        max_leaves=6,
    ),
)


@given(TEXTS, VALUES, st.dictionaries(st.sampled_from(["b@1", "b", "a"]), TEXTS, max_size=3))
@settings(max_examples=100, deadline=None)
@example("{{> b@1}}", {}, {"b@1": "{{> b@1}}"})
def test_no_template_raises_anything_else(text, values, includes):
    for read in (fstring.parse, mustache.parse, lambda text: mustache.parse(text, includes), mustache.inclusions):
        try:
            template = read(text)
            if not isinstance(template, list):
                assert isinstance(template.render(values), str)
        except PromptError:
            continue


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_a_value_stands_in_the_text_as_it_is(value):
    assert mustache.parse("<{{ a }}>").render({"a": value, "b": "?"}) == f"<{value}>"
    assert fstring.parse("<{a}>").render({"a": value, "b": "?"}) == f"<{value}>"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "slot", "name", "type", "default", "choices", "inputs", "output", "by", "k"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KEYS = ["messages", "variables", "format", "examples", "example", "strategy_options", "parameters"]


@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=4), TEXTS, VALUES)
@settings(max_examples=100, deadline=None)
def test_no_prompt_file_raises_anything_else(fields, text, values):
    messages = fields.get("messages") or [{"role": "user", "content": text}]
    with suppress(PromptError):
        spec = parse_prompt({**fields, "messages": messages}, {"b@1": Included("x {{ a }}")})
        problems(spec)
        render(spec, values)


SLOW = {
    "openings": lambda n: "{{" * n,
    "opened names": lambda n: "{{ a " * n,
    "names": lambda n: "{{ a }}\n" * n,
    "names in a line": lambda n: "{{a}}" * n,
    "comments in a line": lambda n: "{{!}}" * n,
    "sections in a line": lambda n: "{{#a}}{{/a}}" * n,
    "comments between spaces": lambda n: ("{{!}}" + " " * 50) * (n // 10),
    "closings": lambda n: "}}" * n,
    "backslashes": lambda n: "\\{{" * n,
    "blank lines": lambda n: " \n" * n + "{{!}}",
    "a long name": lambda n: "{{" + "a." * n + "}}",
    "spaces in a tag": lambda n: "{{" + " " * n + "}}",
    "fields": lambda n: "{a}\n" * n,
    "fields in a line": lambda n: "{a}" * n,
    "doubled braces": lambda n: "{{}}" * n,
}


@pytest.mark.parametrize("make", SLOW.values(), ids=SLOW)
def test_four_times_the_text_takes_at_most_six_times_as_long(make):
    for read in (fstring.parse, mustache.parse):
        assert any(cost(read, make(8_000)) <= 6 * cost(read, make(2_000)) + 0.002 for _ in range(5))


def cost(read, text):
    """Seconds of CPU, the least of three: whatever else this machine does only adds to it."""
    return min(seconds(read, text) for _ in range(3))


def seconds(read, text):
    started = time.process_time()
    with suppress(PromptError):
        read(text).render({"a": "x"})
    return time.process_time() - started
