"""The two template formats: what they insert, and what they refuse."""

from datetime import date, datetime, time

import pytest

from agents.runtime.errors import PromptError
from agents.runtime.templates import fstring, mustache
from tests.agents.runtime.vectors_of import vectors


@pytest.mark.parametrize("case", vectors("fstring"))
def test_fstring_templates_do_what_the_table_says(case):
    assert outcome(case["template"], case["values"]) == case["result"]


def outcome(template, values):
    try:
        return {"ok": fstring.parse(template).render(values)}
    except PromptError as error:
        return {"error": error.code}


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Hi {{ name }}!", {"name": "<b>Ada</b>"}, "Hi <b>Ada</b>!"),
        ('{"a": {{v}}, "b": {}}', {"v": 3}, '{"a": 3, "b": {}}'),
        ("{{v}}", {"v": "{{v}} {{#x}}"}, "{{v}} {{#x}}"),
        (r"\{{ name }} is {{ name }}", {"name": "x"}, "{{ name }} is x"),
        ("a{{! said\nelsewhere }}b", {}, "ab"),
        ("Tools:\n{{#tools}}\n- {{ . }}\n{{/tools}}\nEnd", {"tools": ["x", "y"]}, "Tools:\n- x\n- y\nEnd"),
        ("{{#people}}{{name}} of {{town}}; {{/people}}", {"people": [{"name": "Ada"}], "town": "X"}, "Ada of X; "),
        ("{{#on}}yes{{/on}}{{^on}}no{{/on}}", {"on": False}, "no"),
        ("{{#on}}yes{{/on}}{{^on}}no{{/on}}", {"on": "x"}, "yes"),
        ("{{ a.b }}", {"a": {"b": ["é", 1]}}, '["é",1]'),
        ("{{ day }} {{ flag }} {{ n }}", {"day": date(2026, 1, 2), "flag": True, "n": 1.5}, "2026-01-02 true 1.5"),
        ("a\n  {{! gone }}\nb", {}, "a\nb"),
        ("a\n{{ v }}\nb", {"v": ""}, "a\n\nb"),
    ],
)
def test_mustache_inserts_values_as_they_are(template, values, text):
    assert mustache.parse(template).render(values) == text


@pytest.mark.parametrize(
    ("template", "code", "line", "column"),
    [
        ("Hi {{ name", "unclosed_tag", 1, 4),
        ("{{ a {{ b }}", "unclosed_tag", 1, 1),
        ("x\n {{#a}}{{b}}", "unclosed_section:a", 2, 2),
        ("{{#a}}{{/b}}", "unclosed_section:a", 1, 1),
        ("x{{/b}}", "unopened_section:b", 1, 2),
        ("{{ a-b }}", "bad_name", 1, 1),
        ("{{ é }}", "bad_name", 1, 1),
        ("{{}}", "bad_name", 1, 1),
        ("{{{ a }}}", "bad_name", 1, 1),
        ("{{& a }}", "bad_name", 1, 1),
        ("{{=<% %>=}}", "bad_name", 1, 1),
        ("a\n\n{{> other@production }}", "unknown_include", 3, 1),
    ],
)
def test_mustache_refuses_with_the_place(template, code, line, column):
    with pytest.raises(PromptError) as refused:
        mustache.parse(template)

    assert (refused.value.code, refused.value.line, refused.value.column) == (code, line, column)


def test_all_missing_values_are_named_together():
    with pytest.raises(PromptError) as refused:
        mustache.parse("{{ a }} {{ b }} {{#c}}{{/c}} {{ a }}").render({"b": 1})

    assert refused.value.code == "missing:a,c"


def test_a_value_is_reached_by_key_and_never_by_attribute():
    with pytest.raises(PromptError):
        mustache.parse("{{ a.__class__ }}").render({"a": "x"})


def test_variables_are_the_names_that_come_from_outside():
    template = mustache.parse("{{#list}}{{ field }}{{/list}}{{^flag}}{{ name.first }}{{/flag}}")

    assert template.variables == {"list", "flag", "name"}


def test_an_included_text_stands_where_it_is_named_and_brings_its_variables():
    texts = {"style@3": "Be {{ tone }}.{{> more@1 }}", "more@1": " Use {{#list}}{{ . }}{{/list}}."}

    template = mustache.parse("Hello.\n\n{{> style@3 }}\nNow {{ task }}", texts)

    assert template.render({"tone": "kind", "task": "go", "list": ["a", "b"]}) == "Hello.\n\nBe kind. Use ab.\nNow go"
    assert template.variables == {"tone", "list", "task"}
    places = {use.name: (use.line, use.column, use.source) for use in template.uses}
    assert places["tone"] == (3, 1, "style@3")
    assert places["list"] == (3, 1, "more@1")
    assert places["task"] == (4, 5, "")


def test_an_included_text_can_neither_close_a_section_nor_open_one():
    for text, code in (("{{/on}}", "unopened_section:on"), ("{{#on}}", "unclosed_section:on")):
        with pytest.raises(PromptError) as refused:
            mustache.parse("{{#on}}{{> a@1 }}{{/on}}", {"a@1": text})
        assert refused.value.code == code
    assert mustache.parse("\\{{{> a@1 }}", {"a@1": "{{ x }}"}).render({}) == "{{{> a@1 }}"
    assert mustache.parse("{{> a@1 }}b{{> a@1 }}", {"a@1": "{"}).render({}) == "{b{"


@pytest.mark.parametrize(
    ("texts", "code", "told"),
    [
        ({}, "unknown_include", "“a@1”"),
        ({"a@1": "{{> b@1 }}"}, "unknown_include", "In a@1: There is no prompt to include as “b@1”"),
        ({"a@1": "{{> a@1 }}"}, "include_cycle", "a@1 → a@1"),
        ({"a@1": "{{> b@1 }}", "b@1": "x {{> a@1 }}"}, "include_cycle", "a@1 → b@1 → a@1"),
        ({"a@1": "fine\n{{ b"}, "unclosed_tag", "In a@1"),
        ({f"{a}@1": f"{{{{> {b}@1 }}}}" for a, b in zip("abcdef", "bcdefg", strict=True)}, "too_deep", "5 deep"),
    ],
)
def test_what_cannot_be_included_is_refused_at_its_place(texts, code, told):
    with pytest.raises(PromptError, match=told) as refused:
        mustache.parse("\n {{> a@1 }}", texts)

    assert (refused.value.code, refused.value.line, refused.value.column) == (code, 2, 2)


def test_prompts_may_include_one_another_five_deep_on_whatever_way():
    texts = {f"{a}@1": f"{a}{{{{> {b}@1 }}}}" for a, b in zip("abcd", "bcde", strict=True)} | {"e@1": "e"}

    assert mustache.parse("{{> e@1 }}{{> c@1 }}{{> a@1 }}", texts).render({}) == "ecdeabcde"
    with pytest.raises(PromptError, match="5 deep"):
        mustache.parse("{{> b@1 }}{{> z@1 }}", {**texts, "z@1": "{{> a@1 }}"})


def test_the_syntax_alone_can_be_read_before_anything_is_included():
    template = mustache.parse("{{ a }}{{> b@production }}", None)

    assert template.variables == {"a"}
    with pytest.raises(PromptError, match="has not been read"):
        template.render({"a": 1})
    found = mustache.inclusions("x {{> b }}{{#s}}{{> c@2 }}{{/s}}{{! {{> d }} \\{{> e }}")
    assert [(one.reference, one.start, one.end) for one in found] == [("b", 2, 10), ("c@2", 16, 26)]


def test_dates_and_objects_within_lists_are_written_as_they_are_alone():
    value = {"days": [date(2026, 1, 2), datetime(2026, 1, 2, 3, 4)], "at": (time(5, 6), None), "é": 1.5}

    assert mustache.parse("{{ v }}").render({"v": value}) == (
        '{"days":["2026-01-02","2026-01-02T03:04:00"],"at":["05:06:00",null],"é":1.5}'
    )
