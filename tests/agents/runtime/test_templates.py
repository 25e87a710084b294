"""The two template formats: what they insert, and what they refuse."""

from datetime import date

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
