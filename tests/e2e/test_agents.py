"""Every kind of agent and strategy that the demo has, watched in the browser over a scripted model."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.test_chat import answer, choose, send

TENNIS = (
    "Roger has 5 tennis balls. He buys 2 more cans of tennis balls. Each can has 3 tennis balls. "
    "How many tennis balls does he have now?"
)


async def watched(page, agent, question, said):
    """Ask, wait for the answer, open the reasoning; gives its steps."""
    await choose(page, agent)
    await send(page, question)
    await expect(answer(page).locator(".answer__text")).to_have_text(said)
    head = answer(page).locator(".timeline__head")
    await expect(head).to_contain_text(re.compile(r"Thought for .* · \d+ steps?"))
    await head.click()
    return answer(page).locator(".step")


async def kinds(steps):
    return [await step.get_attribute("data-kind") for step in await steps.all()]


async def test_react_docstore_searches_twice_and_finishes(page):
    steps = await watched(
        page, "ReAct docstore", "In which city was the composer of the music for Princess Mononoke born?", "Nakano"
    )
    assert await kinds(steps) == ["thought", "action", "observation", "thought", "action", "observation", "thought"]
    await expect(steps.nth(1)).to_contain_text("Princess Mononoke")
    await expect(steps.nth(5)).to_contain_text("born on 6 December 1950 in Nakano")


async def test_a_claim_is_checked_by_reading(page):
    steps = await watched(page, "Fact checker", "Joe Hisaishi was born in Nagano Prefecture.", "SUPPORTS")
    assert await kinds(steps) == ["thought", "action", "observation", "thought"]


async def test_self_ask_shows_its_follow_up_question(page):
    steps = await watched(page, "self-ask", "Into which sea does the river flow that the Angara joins?", "The Kara Sea")
    await expect(steps.filter(has_text="Intermediate Answer")).to_contain_text("Which river does the Angara join?")
    await expect(steps.filter(has_text="Result")).to_contain_text("Angara")


async def test_a_conversation_with_tools_remembers_and_looks_things_up(page, stub):
    await choose(page, "Companion with tools")
    await send(page, "Hi, I am Ada.")
    await expect(answer(page).locator(".answer__text")).to_have_text("Nice to meet you, Ada.")
    await expect(answer(page).locator(".step")).to_have_count(0)

    await send(page, "Which composer wrote the music for Princess Mononoke?")
    await expect(answer(page).locator(".answer__text")).to_have_text("Joe Hisaishi did.")
    await answer(page).locator(".timeline__head").click()
    await expect(answer(page).locator(".step[data-kind=action]")).to_contain_text("Princess Mononoke")

    await send(page, "And what am I called?")
    await expect(answer(page).locator(".answer__text")).to_have_text("You are Ada.")
    asked = next(r for r in reversed(stub.requests) if r["messages"][-1]["content"] == "And what am I called?")
    said = [message["content"] for message in asked["messages"]]
    assert "Hi, I am Ada." in said and any("Nice to meet you, Ada." in text for text in said)


async def test_worked_examples_show_the_reasoning_before_the_number(page):
    steps = await watched(page, "Maths, step by step", TENNIS, "11")
    assert await kinds(steps) == ["thought"]
    await expect(steps.first).to_contain_text("2 * 3 = 6")


async def test_samples_and_their_vote_are_shown(page):
    steps = await watched(page, "Maths, five samples", "Draw lots: how many legs have 3 cats?", "12")
    assert sorted(await kinds(steps)) == ["sample"] * 5 + ["vote"]
    await expect(steps.last).to_contain_text("12: 3 of 5")
    await expect(steps.last).to_contain_text("Agreement: 60%")


async def test_a_problem_is_broken_down_and_solved_in_order(page):
    steps = await watched(
        page, "Maths, smaller questions", "A crate holds 4 boxes of 6 eggs. How many eggs hold 2 crates?", "48"
    )
    assert await kinds(steps) == ["plan", "subquestion", "subquestion"]
    await expect(steps.first).to_contain_text("1. How many eggs hold the boxes of one crate?")
    await expect(steps.nth(1)).to_contain_text("4 * 6 = 24")
    await expect(steps.nth(2)).to_contain_text("2 * 24 = 48")


async def test_a_program_is_shown_with_its_result(page):
    steps = await watched(page, "Maths, by a program", "A bus carries 18 people. 7 get off. How many stay?", "11")
    assert await kinds(steps) == ["action", "observation"]
    await expect(steps.first).to_contain_text("def solution():")
    await expect(steps.last).to_contain_text("11")


@pytest.mark.parametrize("dark", [False, True])
async def test_long_reasoning_fits_a_phone(new_page, dark):
    page = await new_page(width=390, height=844, dark=dark)
    await watched(page, "Maths, by a program", "A bus carries 18 people. 7 get off. How many stay?", "11")

    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
