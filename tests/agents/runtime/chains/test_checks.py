"""What is refused when a chain is saved: all of it at once, at its step and key (agents.md E.2)."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.chains import ChainProblems, parse_chain, valid_sources, with_mapping
from agents.runtime.chains.catalogue import signature_of
from tests.agents.runtime.chains.parts import PEOPLE, FakeCatalogue, codes, step, takes

NAME = step("name", "company-name", {"product": "input.product"})
SLOGAN = step("slogan", "slogan", {"name": "steps.name"})
TOPIC = step("topic", "topic", {"text": "input.text"})
FACTS = step("facts", "facts", {"text": "input.text"})


def chain(*steps, inputs=("product",), **more):
    return {"inputs": list(inputs), "steps": list(steps), **more}


@pytest.mark.parametrize("written", ["steps.name", " steps.name ", "Steps.name", "step.name"])
def test_a_slip_in_a_reference_does_not_make_it_a_text(written):
    source = parse_chain(chain(NAME, step("slogan", "slogan", {"name": written}))).steps[1].inputs["name"]
    assert (source.kind, source.name) == ("step", "name")


def test_a_chain_of_two_prompts_has_no_problems():
    assert codes(chain(NAME, SLOGAN)) == []
    assert codes(chain(NAME, SLOGAN), level="warning") == []


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        (chain(step("name", "company-name", {})), [("missing_input", "name", "product")]),
        (
            chain(step("name", "company-name", {"product": "input.thing"})),
            [("unknown_source", "name", "product")],
        ),
        (
            chain(step("name", "company-name", {"product": "steps.slogan"}), SLOGAN),
            [("unknown_source", "name", "product")],
        ),
        (chain(NAME, step("slogan", "slogan", {"name": "steps.slogan"})), [("unknown_source", "slogan", "name")]),
        (chain(NAME, step("slogan", "slogan", {"name": "input.product.x"})), [("unknown_source", "slogan", "name")]),
        (chain(NAME, step("slogan", "slogan", {"name": "step.nam"})), [("unknown_source", "slogan", "name")]),
        (chain(NAME, step("slogan", "slogan", {"name": "input.prod-uct"})), [("unknown_source", "slogan", "name")]),
        (chain(NAME, step("slogan", "slogan", {"name": "steps.name.x.y"})), [("type_mismatch", "slogan", "name")]),
        (chain(NAME, {**SLOGAN, "output": "name"}), [("duplicate_key", "slogan", "output")]),
        (chain(NAME, {**SLOGAN, "output": "product"}), [("duplicate_key", "slogan", "output")]),
        (chain(NAME, {**SLOGAN, "id": "name", "inputs": {"name": "x"}}), [("duplicate_key", "name", "id")]),
        (chain(NAME, SLOGAN, inputs=["product", "product"]), [("duplicate_key", "", "product")]),
        (chain(NAME, SLOGAN, output="motto"), [("missing_output", "", "output")]),
        (chain(NAME, SLOGAN, memory="product"), [("memory_overlap", "", "product")]),
        (chain(NAME, SLOGAN, memory="slogan"), [("memory_overlap", "", "slogan")]),
        (chain(NAME, step("x", "nothing", {})), [("unknown_target", "x", "target")]),
        (chain(NAME, step("x", "slogan", {"name": "steps.name", "tune": "b"})), [("unknown_input", "x", "tune")]),
        (
            chain(FACTS, step("slogan", "slogan", {"name": "steps.facts"}), inputs=["text"]),
            [("type_mismatch", "slogan", "name")],
        ),
        (
            chain(FACTS, step("slogan", "slogan", {"name": "steps.facts.nome"}), inputs=["text"]),
            [("type_mismatch", "slogan", "name")],
        ),
        (
            chain(FACTS, step("slogan", "slogan", {"name": "steps.facts.parts"}), inputs=["text"]),
            [("type_mismatch", "slogan", "name")],
        ),
        (chain(NAME, step("slogan", "slogan", {"name": "steps.name.x"})), [("type_mismatch", "slogan", "name")]),
        (
            chain({**NAME, "on_error": "skip"}, SLOGAN),
            [("missing_input", "slogan", "name")],
        ),
        (chain(NAME, {**SLOGAN, "on_error": "skip"}), [("missing_output", "", "output")]),
        (chain(NAME, {**SLOGAN, "each": "name"}), [("type_mismatch", "slogan", "name")]),
        (chain(NAME, {**SLOGAN, "each": "tone"}), [("missing_input", "slogan", "tone")]),
        (
            chain(step("field", transform="json_field", inputs={"value": "input.product"})),
            [("missing_input", "field", "field")],
        ),
    ],
)
def test_a_problem_stands_at_its_step_and_key(definition, found):
    assert codes(definition) == found


def test_everything_is_found_at_once():
    definition = chain(
        step("name", "company-name", {"product": "steps.slogan"}),
        step("slogan", "slogan", {"nome": "input.x"}, output="product"),
        output="motto",
    )

    assert codes(definition) == [
        ("unknown_source", "name", "product"),
        ("duplicate_key", "slogan", "output"),
        ("missing_input", "slogan", "name"),
        ("unknown_input", "slogan", "nome"),
        ("unknown_source", "slogan", "nome"),
        ("missing_output", "", "output"),
    ]


def test_fields_lists_and_fixed_values_are_sources_too():
    definition = chain(
        FACTS,
        step("slogan", "slogan", {"name": "steps.facts.name", "tone": {"value": "steps.x"}}),
        step("each", "slogan", {"name": "steps.facts.parts", "tone": "cheerful"}, each="name"),
        step("joined", transform="join", inputs={"value": "steps.each"}),
        inputs=["text"],
    )

    assert codes(definition) == []


def test_an_input_that_nobody_reads_is_a_warning():
    assert codes(chain(NAME, inputs=["product", "place"]), level="warning") == [("unused_input", "", "place")]


def test_what_may_be_left_out_may_be_skipped():
    tone = step("tone", "company-name", {"product": "input.product"}, on_error="skip")

    assert codes(chain(NAME, tone, step("slogan", "slogan", {"name": "steps.name", "tone": "steps.tone"}))) == []


def test_the_sources_that_are_offered_are_those_that_would_be_accepted():
    spec = parse_chain(chain(FACTS, NAME, SLOGAN, inputs=["text", "product"], memory="chat"))

    def offered(row, name):
        return [str(source) for source in valid_sources(spec, PEOPLE, row=row, name=name)]

    assert offered(1, "text") == ["input.text", "input.product"]
    assert offered(2, "product") == ["input.text", "input.product", "steps.facts.name"]
    assert offered(3, "name") == ["input.text", "input.product", "steps.facts.name", "steps.name"]


# --- without a mapping


def test_without_a_mapping_each_step_takes_what_the_last_one_gave():
    spec = parse_chain({"steps": [step("name", "company-name"), step("slogan"), step("low", transform="lower")]})

    mapped = with_mapping(spec, lambda one: signature_of(one, PEOPLE))

    sources = [{name: str(source) for name, source in one.sources.items()} for one in mapped.steps]
    assert sources == [{"product": "input.input"}, {"name": "steps.name"}, {"value": "steps.slogan"}]
    assert codes({"steps": [step("name", "company-name"), step("slogan")]}) == []


def test_without_a_mapping_a_step_that_needs_two_things_is_refused():
    assert codes({"steps": [step("name", "company-name"), step("x", "two")]}) == [("missing_input", "x", "a")]


def test_without_a_mapping_a_chain_has_one_input():
    assert codes({"inputs": ["a", "b"], "steps": [step("slogan")]}) == [("missing_input", "slogan", "name")]


# --- branches


def branch(**more):
    arms = {"cases": {"billing": "pay"}, "default": "talk", **more}
    return {"id": "route", "branch": arms, "inputs": {"value": "steps.topic"}}


PAY = step("pay", "slogan", {"name": "input.text"})
TALK = step("talk", "slogan", {"name": "input.text"})


def test_a_branch_chooses_one_of_several_steps():
    last = step("last", "slogan", {"name": "steps.route"})

    assert codes(chain(TOPIC, branch(), PAY, TALK, last, inputs=["text"])) == []
    assert codes(chain(TOPIC, branch(), PAY, TALK, inputs=["text"])) == []


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ((TOPIC, branch(default=""), PAY), [("missing_input", "route", "default")]),
        ((TOPIC, branch(default="nobody"), PAY), [("unknown_source", "route", "nobody")]),
        ((TOPIC, PAY, branch(), TALK), [("unknown_source", "route", "pay")]),
        ((TOPIC, branch(cases={"bills": "pay"}), PAY, TALK), [("type_mismatch", "route", "bills")]),
        (
            (TOPIC, branch(), PAY, TALK, step("x", "slogan", {"name": "steps.pay"})),
            [("unknown_source", "x", "name")],
        ),
        (
            (TOPIC, branch(), PAY, step("x", "slogan", {"name": "steps.route"}), TALK),
            [("unknown_source", "x", "name")],
        ),
        (
            (step("topic", "slogan", {"name": "input.text"}), branch(), PAY, TALK),
            [("type_mismatch", "route", "value")],
        ),
        ((TOPIC, branch(), PAY, TALK, {**branch(), "id": "again"}), None),
        (
            (
                TOPIC,
                branch(default="deeper"),
                PAY,
                {**branch(cases={}), "id": "deeper"},
                step("x", "slogan", {"name": "steps.route"}),
                step("talk", "slogan", {"name": "steps.x"}),
            ),
            [("unknown_source", "x", "name")],
        ),
    ],
)
def test_a_branch_that_can_not_work_is_refused(steps, found):
    seen = codes(chain(*steps, inputs=["text"]))
    assert seen == found if found is not None else seen


def test_an_arm_is_no_answer_of_its_own():
    found = codes(chain(TOPIC, branch(), PAY, TALK, inputs=["text"], output="pay"))

    assert found == [("missing_output", "", "output")]


# --- chains within chains


def leads_to(*slugs):
    return FakeCatalogue(
        {
            **PEOPLE.signatures,
            **{("chain", slug): takes("input", chains=(slug,)) for slug in slugs},
            ("agent", "caller"): takes("input", chains=slugs[-1:]),
        },
        {slug: parse_chain({"steps": [{"id": "go", "chain": following}]}) for slug, following in pairwise(slugs)},
    )


def test_a_chain_never_contains_itself_at_any_depth():
    catalogue = leads_to("one", "two", "mine")

    assert codes({"steps": [{"id": "a", "chain": "one"}]}, catalogue) == [("cycle", "a", "target")]
    assert codes({"steps": [{"id": "a", "chain": "mine"}]}, catalogue) == [("cycle", "a", "target")]
    assert codes({"steps": [{"id": "a", "agent": "caller"}]}, catalogue) == [("cycle", "a", "target")]


def test_a_cycle_of_others_ends_too():
    catalogue = leads_to("one", "two", "one")

    assert codes({"steps": [{"id": "a", "chain": "one"}]}, catalogue) == [("cycle", "a", "target")]


def test_five_levels_are_the_most():
    catalogue = leads_to("one", "two", "three", "four", "five")
    catalogue.chains["five"] = parse_chain({"steps": [step("slogan")]})

    assert codes({"steps": [{"id": "a", "chain": "two"}]}, catalogue) == []
    assert codes({"steps": [{"id": "a", "chain": "one"}]}, catalogue) == [("too_deep", "a", "target")]


def test_fifty_steps_are_the_most_with_those_of_chains_within():
    catalogue = leads_to("one")
    catalogue.chains["one"] = parse_chain({"steps": [step(f"s{n}") for n in range(30)]})
    within = [{"id": "one", "chain": "one", "inputs": {"input": "input.input"}}]
    others = [step(f"t{n}", "slogan", {"name": "input.input"}) for n in range(19)]

    assert codes({"steps": within + others}, catalogue) == []
    more = [step("last", "slogan", {"name": "input.input"})]
    assert codes({"steps": within + others + more}, catalogue) == [("too_deep", "", "steps")]


# --- what can't be read


@pytest.mark.parametrize(
    ("definition", "key"),
    [
        ([], ""),
        ({}, "steps"),
        ({"steps": {}}, "steps"),
        ({"steps": ["x"]}, ""),
        ({"steps": [{"prompt": "slogan"}]}, "id"),
        ({"steps": [{"id": "a b", "prompt": "slogan"}]}, "id"),
        ({"steps": [{"id": "a"}]}, "target"),
        ({"steps": [{"id": "a", "prompt": "x", "agent": "y"}]}, "target"),
        ({"steps": [{"id": "a", "transform": "reverse"}]}, "target"),
        ({"steps": [{"id": "a", "prompt": "x", "on_error": "panic"}]}, "on_error"),
        ({"steps": [{"id": "a", "prompt": "x", "at_once": 99}]}, "at_once"),
        ({"inputs": ["1"], "steps": [{"id": "a", "prompt": "x"}]}, "inputs"),
    ],
)
def test_what_can_not_be_read_is_refused(definition, key):
    with pytest.raises(ChainProblems) as refused:
        parse_chain(definition)

    assert {problem.code for problem in refused.value.problems} == {"bad_definition"}
    assert key in [problem.key for problem in refused.value.problems]


words = st.text(max_size=8) | st.sampled_from(["steps.a", "input.input", "slogan", "a", "value"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
steps_of_any_kind = st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b", "c"])},
    optional={
        "prompt": words,
        "chain": words,
        "transform": words,
        "branch": values,
        "inputs": values,
        "output": values,
        "each": values,
        "on_error": values,
    },
)


@settings(max_examples=150, deadline=None)
@given(values | st.fixed_dictionaries({"steps": st.lists(steps_of_any_kind, max_size=4)}, optional={"output": values}))
def test_hostile_definitions_are_refused_or_checked_and_nothing_else(definition):
    with suppress(ChainProblems):
        assert isinstance(codes(definition), list)
