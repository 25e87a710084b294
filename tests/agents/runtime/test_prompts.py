"""A prompt's file form: what it becomes, what is refused, what is only warned about."""

import pytest
import yaml

from agents.runtime.errors import ConfigurationError, PromptError
from agents.runtime.llm import Message
from agents.runtime.prompts import extra_values, included_part, input_variable, parse_prompt, problems, render

GRADE_SCHOOL = """
slug: grade-school-math
name: Grade school math
format: mustache
variables:
  - {name: question, type: string, required: true}
messages:
  - {role: system, content: "Solve the problem."}
  - {role: user, content: "{{ question }}"}
example:
  user: "{{ question }}"
  assistant: "{{ reasoning }}\\nAnswer: {{ output }}"
examples:
  - inputs: {question: "5 pens and 6 pens?"}
    reasoning: "5 + 6 = 11."
    output: "11"
strategy: few_shot_cot
strategy_options: {}
output: {kind: number, extract: auto, instruction: auto}
model: default
parameters: {temperature: 0, max_tokens: 512}
commit_message: first version
"""


def prompt(*messages, **fields):
    items = [{"role": role, "content": content} for role, content in messages] or [
        {"role": "user", "content": "{{ question }}"}
    ]
    return parse_prompt({"messages": items, **fields})


def codes(spec, **options):
    return [(problem.level, problem.code) for problem in problems(spec, **options)]


def test_the_prompt_file_of_the_specification_is_rendered_with_its_examples():
    spec = parse_prompt(yaml.safe_load(GRADE_SCHOOL))

    system, *others = render(spec, {"question": "2 + 2?"})

    assert system.content.startswith("Solve the problem.\n\nEnd your reply with one line of the form “Answer: …”")
    assert others == [
        Message("user", "5 pens and 6 pens?"),
        Message("assistant", "5 + 6 = 11.\nAnswer: 11"),
        Message("user", "2 + 2?"),
    ]
    assert problems(spec) == []


def test_without_a_template_an_example_is_the_question_and_the_answer_that_the_instruction_asks_for():
    spec = prompt(examples=[{"inputs": {"question": "1+1"}, "output": 2}], output={"kind": "number"})

    assert render(spec, {"question": "?"})[1:3] == [Message("user", "1+1"), Message("assistant", "Answer: 2")]


def test_the_instruction_is_left_out_where_the_prompt_says_it_itself():
    spec = prompt(output={"kind": "number", "instruction": "none"})

    assert render(spec, {"question": "x"}) == [Message("user", "x")]


def test_zero_shot_reasoning_is_asked_for_after_the_question():
    spec = prompt(strategy="zero_shot_cot", strategy_options={"trigger": "Step by step, please."})

    system, question = render(spec, {"question": "Why?"})

    assert "“Answer: …”" in system.content
    assert question == Message("user", "Why?\n\nStep by step, please.")


def test_earlier_turns_stand_before_the_question_and_are_never_templates():
    history = [Message("user", "{{ question }} {"), Message("assistant", "}}")]

    assert render(prompt(), {"question": "now"}, history=history) == [*history, Message("user", "now")]


def test_a_slot_decides_where_earlier_turns_stand():
    messages = [
        {"role": "system", "content": "Be kind."},
        {"slot": "history"},
        {"role": "user", "content": "First."},
        {"role": "user", "content": "{{ question }}"},
    ]
    spec = parse_prompt({"messages": messages})

    rendered = render(spec, {"question": "q"}, history=[Message("user", "earlier")])

    assert [message.content for message in rendered] == ["Be kind.", "earlier", "First.", "q"]


def test_several_system_messages_become_one():
    spec = prompt(("system", "One."), ("system", "Two."), ("user", "{{ q }}"))

    assert render(spec, {"q": "x"})[0] == Message("system", "One.\n\nTwo.")


def test_everything_that_is_missing_is_named_at_once():
    spec = prompt(("user", "{{ a }} {{ b }} {{ c }}"))

    with pytest.raises(PromptError) as refused:
        render(spec, {"b": "x", "c": None})

    assert refused.value.code == "missing:a,c"


def test_defaults_types_and_sections():
    spec = prompt(
        ("user", "{{ tone }} {{ n }} {{#formal}}Sir{{/formal}}{{#notes}}{{ title }}{{/notes}}{{ _today }}"),
        variables=[
            {"name": "tone", "type": "choice", "choices": ["warm", "dry"], "default": "dry"},
            {"name": "n", "type": "number"},
            {"name": "formal", "type": "boolean", "default": False},
            {"name": "notes", "type": "json", "required": False},
        ],
    )

    text = render(spec, {"n": "7", "formal": "yes", "notes": '[{"title": "T"}]'}, provided={"_today": "D"})[0].content

    assert text == "dry 7 SirTD"
    assert codes(spec) == []
    for wrong in ({"n": "many"}, {"n": 1, "tone": "rude"}, {"n": 1, "formal": "maybe"}, {"n": 1, "notes": "{"}):
        with pytest.raises(PromptError, match="The value of"):
            render(spec, wrong)


def test_a_person_cannot_fill_what_the_system_fills():
    assert "1970" not in render(prompt(("user", "{{ q }} {{ _today }}")), {"q": "x", "_today": "1970"})[0].content


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"messages": None}, "no_messages"),
        ({"messages": [{"slot": "examples"}]}, "no_messages"),
        ({"messages": [{"slot": "stairs"}]}, "bad_slot"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "bad_role"),
        ({"messages": [{"role": "user", "content": " "}]}, "bad_messages"),
        ({"messages": "x"}, "bad_messages"),
        ({"format": "jinja2"}, "bad_format"),
        ({"strategy": "tree_of_thoughts"}, "strategy_unavailable"),
        ({"variables": [{"name": "a-b"}]}, "bad_variables"),
        ({"variables": [{"name": "a", "type": "choice"}]}, "bad_variables"),
        ({"examples": [{"inputs": "x", "output": "y"}]}, "bad_examples"),
        ({"examples": [{"inputs": {}}]}, "bad_examples"),
        ({"output": {"kind": "sonnet"}}, "bad_output"),
        ({"parameters": []}, "bad_parameters"),
        ({"example": {"user": "{{"}}, "unclosed_tag"),
    ],
)
def test_what_leaves_nothing_to_run_is_refused(fields, code):
    with pytest.raises(PromptError) as refused:
        parse_prompt({"messages": [{"role": "user", "content": "x"}], **fields})

    assert refused.value.code == code


def test_a_template_error_names_message_line_and_column():
    with pytest.raises(PromptError, match=r"Message 2: .*line 2, column 3") as refused:
        prompt(("system", "fine"), ("user", "a\nb {{ c"))

    assert (refused.value.line, refused.value.column) == (2, 3)


def test_all_undeclared_variables_are_listed_with_their_places():
    spec = prompt(("system", "{{ a }}\n {{ b }}"), ("user", "{{ q }}"), variables=[{"name": "q"}, {"name": "unused"}])

    found = problems(spec)

    assert [(problem.level, problem.code, problem.where) for problem in found] == [
        ("warning", "unused:unused", ""),
        ("error", "unknown:a", "message 1, line 1, column 1"),
        ("error", "unknown:b", "message 1, line 2, column 2"),
    ]
    assert codes(spec, provided=["a", "b"]) == [("warning", "unused:unused")]


def test_examples_are_not_blamed_for_a_variable_that_nobody_declared():
    examples = [{"inputs": {"q": "1"}, "output": "1"}, {"inputs": {}, "output": "1"}]
    spec = prompt(("user", "{{ q }} {{ a }}"), variables=[{"name": "q"}], examples=examples)

    assert [(problem.code, problem.where) for problem in problems(spec) if problem.level == "error"] == [
        ("unknown:a", "message 1, line 1, column 9"),
        ("missing:q,a", "example 2"),
    ]


def test_tools_are_known_and_only_warned_about():
    spec = prompt(("system", "{{ tools }}"), ("user", "{{ input }}"))

    assert codes(spec) == [("warning", "agent_only:tools")]
    assert input_variable(spec) == "input"


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"role": "user", "content": "x"}, {"role": "system", "content": "y"}, {"slot": "steps"}], "system_first"),
        ([{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], "user_last"),
        ([{"slot": "steps"}, {"role": "user", "content": "x"}], "user_last"),
        ([{"slot": "history"}, {"slot": "history"}, {"role": "user", "content": "x"}], "duplicate_slot:history"),
    ],
)
def test_the_order_of_messages_is_checked(messages, code):
    assert ("error", code) in codes(parse_prompt({"messages": messages}))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"strategy": "few_shot_cot"}, ("warning", "no_examples")),
        ({"examples": [{"inputs": {}, "output": "1"}]}, ("error", "missing:question")),
        (
            {"examples": [{"inputs": {"question": "x"}, "output": "many"}], "output": {"kind": "number"}},
            ("warning", "example_output"),
        ),
        ({"parameters": {"stream": False}}, ("error", "bad_parameter:stream")),
        ({"parameters": {"max_tokens": 0}}, ("error", "bad_parameter:max_tokens")),
        ({"variables": [{"name": "question"}, {"name": "_now"}]}, ("error", "reserved:_now")),
        ({"variables": [{"name": "question"}, {"name": "question"}]}, ("error", "duplicate:question")),
        (
            {"variables": [{"name": "question"}, {"name": "n", "type": "number", "default": "x"}]},
            ("error", "bad_default:n"),
        ),
    ],
)
def test_other_mistakes_are_found_before_a_prompt_is_used(fields, expected):
    assert expected in codes(prompt(**fields))


def test_an_example_that_is_switched_off_is_not_shown():
    spec = prompt(examples=[{"inputs": {"question": "x"}, "output": "y", "enabled": False}])

    assert spec.examples == ()


def test_the_input_variable_is_the_only_required_one():
    assert input_variable(prompt(("user", "{{ text }} {{ _today }} {{#more}}{{/more}}"))) == "text"
    with pytest.raises(ConfigurationError, match="a, b"):
        input_variable(prompt(("user", "{{ a }} {{ b }}")))


def test_langchain_style_prompts_work_too():
    spec = prompt(("user", 'Say {word} as {{"json": 1}}'), format="fstring")

    assert render(spec, {"word": "{x}"})[0].content == 'Say {x} as {"json": 1}'


def test_partials_add_up_are_called_when_rendered_and_give_way_to_what_is_given():
    spec = prompt(("user", "{{ a }} {{ b }} {{ c }}"))
    times = iter("123")

    partial = spec.partial(a="A", b="B").partial(b=lambda: next(times))

    assert [render(partial, {"c": "C"})[0].content for _ in range(2)] == ["A 1 C", "A 2 C"]
    assert render(partial, {"a": "x", "b": "y", "c": "C"})[0].content == "x y C"
    assert input_variable(partial) == "c"
    assert (dict(spec.partials), next(times)) == ({}, "3")
    with pytest.raises(PromptError, match="There is no value for c") as refused:
        render(partial, {"b": 1})
    assert refused.value.code == "missing:c"


def test_a_partial_is_checked_and_needs_a_variable():
    spec = prompt(("user", "{{ n }}"), variables=[{"name": "n", "type": "number"}])

    with pytest.raises(PromptError, match="must be a number"):
        render(spec.partial(n="many"), {})
    for name in ("m", "_today"):
        with pytest.raises(PromptError, match="Its variables: n") as refused:
            spec.partial(**{name: 1})
        assert refused.value.code == f"unknown:{name}"


def test_time_and_language_are_built_in():
    spec = prompt(("user", "{{ _now }} {{ _today }} {{ _user_language }}"))

    now, today, language = render(spec, {})[0].content.split(" ", 2)

    assert now.startswith(f"{today}T")
    assert language == "the language of the question"
    assert render(spec, {}, provided={"_user_language": "German"})[0].content.endswith(" German")
    assert spec.variables == ()


@pytest.mark.parametrize(
    ("variable", "value", "text"),
    [
        ({"type": "boolean", "default": "no"}, None, "off"),
        ({"type": "json", "default": '["x"]'}, None, "x"),
        ({"type": "number", "required": False}, None, "off"),
        ({"type": "choice", "choices": [True, 2]}, 2, "2"),
        ({"max_length": 3}, "abc", "abc"),
        ({"type": "json"}, {"b": [1, "é"]}, '{"b":[1,"é"]}'),
    ],
)
def test_values_and_defaults_are_read_as_their_type(variable, value, text):
    spec = prompt(("user", "{{#v}}{{ . }}{{/v}}{{^v}}off{{/v}}"), variables=[{"name": "v", **variable}])

    assert render(spec, {"v": value})[0].content == text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ({"max_length": 3}, "abcd"),
        ({"type": "number"}, "nan"),
        ({"type": "number"}, float("inf")),
        ({"type": "number"}, True),
        ({"type": "json"}, "[" * 100_000),
    ],
)
def test_values_of_another_type_are_refused(variable, value):
    with pytest.raises(PromptError, match="The value of v must be") as refused:
        render(prompt(("user", "{{ v }}"), variables=[{"name": "v", **variable}]), {"v": value})

    assert refused.value.code == "bad_value:v"


def test_values_that_nothing_uses_are_named():
    spec = prompt(("user", "{{ q }}{{#list}}{{ inner }}{{/list}}"), variables=[{"name": "q"}, {"name": "spare"}])

    assert extra_values(spec, {"q": 1, "list": [], "spare": "", "qq": 2, "none": None}) == ["qq"]


HISTORY_NEEDED = {"messages": [{"slot": "history", "optional": False}, {"role": "user", "content": "{{ q }}"}]}


def test_a_slot_may_insist_on_messages():
    spec = parse_prompt(HISTORY_NEEDED)

    with pytest.raises(PromptError) as refused:
        render(spec, {"q": "x"})
    assert refused.value.code == "missing:history"
    assert render(spec, {"q": "x"}, history=[]) == [Message("user", "x")]
    needed = {"messages": [{"slot": "examples", "optional": False}, {"role": "user", "content": "x"}]}
    assert ("error", "missing:examples") in codes(parse_prompt(needed))


@pytest.mark.parametrize("history", ["Ada: hello", ["hello"], [{"role": "user", "content": "x"}], 5])
def test_a_slot_takes_messages_and_nothing_else(history):
    with pytest.raises(PromptError, match="takes a list of messages") as refused:
        render(prompt(), {"question": "x"}, history=history)

    assert refused.value.code == "bad_slot:history"


def test_steps_stand_in_their_slot_or_last():
    steps = [Message("assistant", "Thought: {{ x }}")]
    messages = [{"role": "user", "content": "{{ question }}"}, {"slot": "steps"}]

    for spec in (prompt(), parse_prompt({"messages": messages})):
        assert render(spec, {"question": "q"}, steps=steps) == [Message("user", "q"), *steps]


PAIRS = [{"inputs": {"question": "1+1"}, "output": "2"}, {"inputs": {"question": "1+2"}, "output": "3"}]


def test_examples_may_be_one_block_in_the_system_message():
    block = {"placement": "system", "prefix": "Like these:", "suffix": "Now:", "separator": "\n--\n"}
    spec = prompt(("system", "Add."), ("user", "{{ question }}"), examples=PAIRS, example=block)

    system, question = render(spec, {"question": "2+2"})

    assert system.content == "Add.\n\nLike these:\n--\n1+1\n2\n--\n1+2\n3\n--\nNow:"
    assert question.content == "2+2"


def test_an_example_in_the_system_message_is_written_by_its_own_template():
    example = {"placement": "system", "text": "{{ question }} makes {{ output }}{{#reasoning}}!{{/reasoning}}"}
    spec = prompt(examples=[{**PAIRS[0], "reasoning": "so"}, PAIRS[1]], example=example)

    assert render(spec, {"question": "q"})[0] == Message("system", "1+1 makes 2!\n\n1+2 makes 3")
    assert len(render(prompt(example=example), {"question": "q"})) == 1


@pytest.mark.parametrize(
    ("example", "code"),
    [
        ({"placement": "above"}, "bad_placement"),
        ({"separator": 3}, "bad_example"),
        ({"text": ["x"]}, "bad_example"),
        ({"text": "{{"}, "unclosed_tag"),
        ({"select": "similar"}, "bad_select"),
        ({"select": {"by": "magic"}}, "bad_selector"),
        ({"select": {"by": "first", "kk": 3}}, "bad_select"),
        ({"select": {"k": 0}}, "bad_select"),
        ({"select": {"k": True}}, "bad_select"),
        ({"select": {"lambda": 2}}, "bad_select"),
        ({"select": {"by": "mmr", "k": 9, "fetch_k": 3}}, "bad_select"),
    ],
)
def test_how_examples_are_placed_and_chosen_is_checked(example, code):
    with pytest.raises(PromptError) as refused:
        prompt(example=example)

    assert refused.value.code == code


STYLE = {
    "messages": [{"role": "system", "content": "Be {{ tone }}."}, {"role": "user", "content": "{{ input }}"}],
    "variables": [
        {"name": "tone", "type": "choice", "choices": ["dry", "warm"], "default": "warm"},
        {"name": "input"},
    ],
}


def including(included, *, variables=()):
    messages = [{"role": "system", "content": "{{> style@3 }} Short."}, {"role": "user", "content": "{{ q }}"}]
    data = {"messages": messages, "variables": list(variables)}
    return parse_prompt(data, {"style@3": included_part("style@3", included)})


@pytest.mark.parametrize("variables", [(), ({"name": "q"},)], ids=["inferred", "declared"])
def test_an_included_prompt_brings_its_system_text_and_the_variables_in_it(variables):
    spec = including(STYLE, variables=variables)

    assert {variable.name for variable in spec.variables} == {"tone", "q"}
    assert codes(spec) == []
    assert render(spec, {"q": "x"})[0].content == "Be warm. Short."
    with pytest.raises(PromptError, match="one of dry, warm"):
        render(spec, {"q": "x", "tone": "rude"})


def test_the_includer_may_declare_a_variable_of_the_included_prompt_anew():
    spec = including(STYLE, variables=[{"name": "q"}, {"name": "tone", "default": "odd"}])

    assert render(spec, {"q": "x"})[0].content == "Be odd. Short."


def test_an_included_prompt_that_declares_nothing_brings_what_it_uses():
    spec = including({"messages": STYLE["messages"]}, variables=[{"name": "q"}])

    with pytest.raises(PromptError) as refused:
        render(spec, {"q": "x"})
    assert refused.value.code == "missing:tone"


@pytest.mark.parametrize(
    ("included", "told"),
    [
        ({"messages": [{"role": "system", "content": "a"}] * 2}, "2 system messages"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}, "no system messages"),
        ({"messages": [{"role": "user", "content": "a"}], "format": "fstring"}, "LangChain's style"),
    ],
)
def test_it_must_be_clear_which_text_is_included(included, told):
    with pytest.raises(PromptError, match=told) as refused:
        included_part("style@3", included)
    assert refused.value.code == "bad_include"
    assert included_part("a@1", {"messages": [{"slot": "history"}, {"role": "user", "content": "a"}]}).text == "a"


def test_what_cannot_be_included_is_refused_with_the_message():
    with pytest.raises(PromptError, match="Message 2: There is no prompt to include") as refused:
        prompt(("system", "x"), ("user", "{{> other@production }}"))
    assert refused.value.code == "unknown_include"
