"""Whatever a model writes has a meaning, and the same one however it is cut up."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.runtime.parsing.registry import GRAMMARS
from agents.runtime.parsing.results import Action, Finish, Retry, UnknownTool
from tests.agents.runtime.parsing.reading import read
from tests.agents.runtime.parsing.tables import TOOLS

PIECES = st.sampled_from(
    [
        *("Thought:", "Thought 1: ", "Action:", "Action Input:", "Final Answer:", "Observation:", "Question:"),
        *("Search", "Search[", "Lookup[", "Finish[", "Search(", "]", ")", "[", ": ", "None", "Search: "),
        *("Follow up:", "Intermediate answer:", "So the final answer is:", "the final answer is ", "Yes.", "No."),
        *("Are follow up questions needed here:", "AI:", "Human:", "Do I need to use a tool?", " Yes", " No", ","),
        *("\n", "\n\n", " ", "x ", "**", "_", "-", "`", "```", "{", '"', "<think>", "</think>"),
        *('{"action": "Search", "action_input": "x"}', '[{"name": "Finish", "arguments": {}}]'),
    ]
)
REPLIES = st.lists(PIECES | st.text(max_size=5), max_size=15)
GRAMMAR = st.sampled_from(list(GRAMMARS.values()))


@settings(max_examples=200)
@given(GRAMMAR, REPLIES, st.booleans(), st.sampled_from([None, "stop", "length", "content_filter"]))
def test_any_text_has_a_meaning_that_can_be_used(grammar, pieces, knows_tools, finish_reason):
    tools = TOOLS[grammar.name] if knows_tools else None

    result = grammar.parse("".join(pieces), tools, finish_reason)

    match result:
        case Action():
            assert result.tool and (tools is None or result.tool in tools)
        case Finish():
            assert result.answer.strip()
        case Retry():
            assert result.code
        case _:
            assert isinstance(result, UnknownTool)


@settings(max_examples=200)
@example(GRAMMARS["zero-shot-react-description"], ["**", "Thought:", "Thought:", "**"])
@example(GRAMMARS["zero-shot-react-description"], ["**", "Thought:", "x ", "**", "\n"])
@example(GRAMMARS["react-docstore"], ["Final Answer:", "x ", "\n", "Action Input:", "x "])
@example(GRAMMARS["react-docstore"], ["Action:", "Search: ", "\n", "Action Input:", "x ", "x "])
@given(GRAMMAR, REPLIES)
def test_the_cut_does_not_matter(grammar, pieces):
    text = "".join(pieces)

    shown, parser = read(grammar, pieces)

    assert shown == read(grammar, [text])[0]
    assert parser.result() == grammar.parse(text, TOOLS[grammar.name])


@settings(max_examples=100)
@given(GRAMMAR, REPLIES)
def test_what_stays_in_the_transcript_is_part_of_the_reply(grammar, pieces):
    text = "".join(pieces)

    assert len(grammar.up_to_action(text)) <= len(text)
    assert isinstance(grammar.before_actions(text), str)
