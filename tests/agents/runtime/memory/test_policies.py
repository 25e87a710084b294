"""What each memory shows of a conversation, and what it says about the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runtime.llm import Message
from agents.runtime.memory import Buffer, RunningSummary, Summary, SummaryBuffer, TokenBuffer, Window
from agents.runtime.memory.turns import branch_of, size_of

NAMED = [
    Message("user", "I am Ada."),
    Message("assistant", "Hello Ada."),
    Message("user", "Tell me about Oslo."),
    Message("assistant", "A city in Norway."),
    Message("user", "And Bergen?"),
    Message("assistant", "Another one."),
]


def talk(turns, size=100):
    """So many turns, each of about so many tokens."""
    said = "word " * (size * 4 // 10)
    return [m for n in range(turns) for m in (Message("user", f"{n} {said}"), Message("assistant", said))]


def text_of(selection):
    return selection.notice.text if selection.notice else ""


def test_the_buffer_keeps_all_as_messages_but_answers_without_a_word():
    turns = [Message("user", "a"), Message("assistant", " "), Message("user", "b"), Message("assistant", "c")]

    assert Buffer().select(turns).messages == (turns[0], turns[2], turns[3])
    assert Buffer().select(turns).notice is None


@pytest.mark.parametrize(
    ("turns", "kept", "said"),
    [
        (5, 6, ""),
        (3, 6, ""),
        (2, 4, "Left out the first 2 messages of this chat: this agent remembers the last 2 turns."),
        (1, 2, "Left out the first 4 messages of this chat: this agent remembers the last turn."),
        (0, 0, "Left out the first 6 messages of this chat: this agent remembers no earlier turns."),
    ],
)
def test_the_window_counts_turns(turns, kept, said):
    selection = Window(turns).select(NAMED)

    assert list(selection.messages) == NAMED[6 - kept :]
    assert text_of(selection) == said
    assert selection.dropped == 6 - kept


def test_a_message_that_nobody_answered_is_a_turn():
    asked_twice = [*NAMED[:2], Message("user", "Hm?"), Message("user", "Well?")]

    assert list(Window(2).select(asked_twice).messages) == asked_twice[2:]


def test_a_window_never_begins_with_an_answer_and_never_loses_instructions():
    begun_by_the_agent = [Message("system", "Be kind."), Message("assistant", "Hi, who are you?"), *NAMED]

    assert list(Window(3).select(begun_by_the_agent).messages) == begun_by_the_agent
    assert list(Window(1).select(begun_by_the_agent).messages) == [begun_by_the_agent[0], *NAMED[4:]]


def test_the_token_buffer_drops_whole_old_turns():
    said = talk(10, 100)
    selection = TokenBuffer(450).select(said)

    assert said[-len(selection.messages) :] == list(selection.messages)
    assert 0 < size_of(selection.messages) <= 450
    assert selection.messages[0].role == "user"
    assert text_of(selection).startswith(f"Left out the first {selection.dropped} messages of this chat")


def test_the_beginning_stays_the_same_for_several_turns():
    starts = [TokenBuffer(1000).select(talk(n, 100)).dropped for n in range(1, 40)]

    assert starts == sorted(starts)
    assert len(set(starts[12:])) <= 12


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(5, 900), min_size=1, max_size=30), st.integers(200, 1500))
def test_a_new_turn_never_brings_back_an_old_one(sizes, most):
    said, dropped = [], 0
    for size in sizes:
        said += talk(1, size)
        selection = TokenBuffer(most).select(said)
        kept = list(selection.messages)
        assert selection.dropped >= dropped
        dropped = selection.dropped
        assert kept[-1].role == "assistant" and kept[0].role == "user"
        assert size_of(kept) <= most


def test_the_newest_turn_is_cut_in_the_middle_where_it_alone_is_too_long():
    long = [Message("user", "start " + "x y " * 4000 + " end"), Message("assistant", "Fine.")]
    selection = TokenBuffer(300).select([*NAMED, *long])
    question, answer = selection.messages

    assert question.content.startswith("start ") and question.content.endswith(" end")
    assert "characters left out" in question.content
    assert answer.content == "Fine."
    assert size_of([question, answer]) <= 300
    assert selection.notice.text.endswith("Shortened messages that are too long for this agent's memory.")


@pytest.mark.parametrize("policy", [TokenBuffer(300), SummaryBuffer(300), RunningSummary()])
def test_a_cut_is_said_also_where_no_message_is_left_out(policy):
    long = [Message("user", "x y " * 40_000), Message("assistant", "Fine.")]
    assert policy.select(long).notice.text == "Shortened messages that are too long for this agent's memory."
    assert policy.select([Message("user", "Short."), Message("assistant", "Fine.")]).notice is None


# --- summaries


def test_without_a_summary_all_is_sent_as_it_was_said():
    assert list(RunningSummary().select(NAMED).messages) == NAMED
    assert list(SummaryBuffer(5000).select(NAMED).messages) == NAMED


def test_a_summary_stands_among_the_instructions_in_place_of_what_it_covers():
    selection = RunningSummary().select(NAMED, Summary("The person is Ada.", 2))

    section, *rest = selection.messages
    assert section.role == "system"
    assert section.content.startswith("## Summary of the earlier conversation")
    assert section.content.endswith("The person is Ada.")
    assert rest == NAMED[4:]
    assert text_of(selection) == "Sent a summary in place of the first 4 messages of this chat."


def test_what_fell_out_and_is_not_summarised_yet_is_sent_all_the_same():
    said = talk(12, 100)  # six of them fit
    late = SummaryBuffer(600).select(said, Summary("Old.", 4))

    assert list(late.messages[1:]) == said[8:]


def test_when_no_summary_comes_about_the_oldest_turns_go_without():
    said = talk(40, 100)
    selection = SummaryBuffer(600).select(said, Summary("Old.", 4))

    assert size_of(selection.messages[1:]) <= 600
    assert text_of(selection).endswith("of this chat; a summary stands for the first 8 messages alone.")
    assert "there is no summary of them yet" in text_of(SummaryBuffer(600).select(said))


def test_a_running_summary_that_does_not_come_about_sends_no_more_than_a_buffer():
    said = talk(200, 400)
    alone, beside = RunningSummary().select(said), RunningSummary().select(said, Summary("Old.", 4))

    assert list(RunningSummary().select(said[:18]).messages) == said[:18]
    assert size_of(alone.messages) <= 2000
    assert "there is no summary of them yet" in text_of(alone)
    assert size_of(beside.messages[1:]) <= 2000
    assert text_of(beside).endswith("a summary stands for the first 8 messages alone.")
    assert size_of(RunningSummary().select(talk(1, 50_000)).messages) <= 4000
    assert list(RunningSummary().select(said, Summary("All.", 199)).messages[1:]) == said[-2:]


def test_a_shorter_branch_keeps_its_own_words_beside_a_summary_of_them():
    said = talk(4, 100)

    assert list(SummaryBuffer(600).select(said, Summary("Old.", 4)).messages[1:]) == said


def test_a_running_summary_is_due_after_each_turn():
    assert RunningSummary().to_fold(NAMED, 2) == 3
    assert RunningSummary().to_fold(NAMED, 3) is None
    assert RunningSummary().to_fold([], 0) is None


def test_turns_are_folded_in_batches():
    folded, due = 0, []
    for turns in range(1, 60):
        reach = SummaryBuffer(1000).to_fold(talk(turns, 100), folded)
        if reach is not None:
            due.append(reach - folded)
            folded = reach

    assert len(due) > 5
    assert all(size_of(talk(batch, 100)) >= 250 for batch in due)


def test_what_is_folded_and_what_is_kept_are_all_of_it():
    said = talk(30, 100)
    reach = SummaryBuffer(1000).to_fold(said, 0)
    kept = SummaryBuffer(1000).select(said, Summary("All.", reach)).messages[1:]

    assert len(branch_of(kept).turns) + reach == 30
