"""The real local model, end to end: every agent of the demo answers in the browser."""

import asyncio
import os
import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from agents.local_model.status import read as read_status
from tests.e2e.test_chat import answer, choose, send
from tests.servers import Parley

pytestmark = pytest.mark.local_model


TENNIS = (
    "Roger has 5 tennis balls. He buys 2 more cans of tennis balls. Each can has 3 tennis balls. "
    "How many tennis balls does he have now?"
)
# Agent, what it is asked, what the answer has in it, and the kinds of steps that lead there. Only what a model of
# this size does every time is asked for more than to come to an answer.
ASKED = [
    ("Assistant with tools", "What is (37 * 43 + 12) / 7?", "229", {"action", "observation"}),
    ("ReAct docstore", "In which city was Joe Hisaishi born?", "Nakano", {"thought", "action", "observation"}),
    ("self-ask", "Into which sea does the Yenisei flow?", r"\w", set()),
    ("Fact checker", "Joe Hisaishi was born in Nagano Prefecture.", "SUPPORTS", {"thought", "action", "observation"}),
    ("Companion with tools", "What is (37 * 43 + 12) / 7?", r"\w", set()),
    ("Controversy", "Bees have six legs.", r"Controversy score: \d", set()),
    ("Contact card", "The minutes of 3 May were taken by Lena Fischer.", '"people"', set()),
    ("Maths, step by step", TENNIS, "11", {"thought"}),
    ("Maths, five samples", TENNIS, r"\d", {"sample", "vote"}),
    ("Maths, smaller questions", TENNIS, r"\d", {"plan", "subquestion"}),
    ("Maths, by a program", TENNIS, r"\d", {"action", "observation"}),
    ("Brand ideas", "colorful socks", r"\w", {"plan", "observation"}),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def with_model(browser, tmp_path_factory):
    """A server with the local model, and a page of its first administrator."""
    kept = {name: os.environ[name] for name in ("LOCAL_MODEL_PATH", "LD_LIBRARY_PATH") if name in os.environ}
    server = Parley(tmp_path_factory.mktemp("local"), kept).start()
    async with asyncio.timeout(180):  # an answer waits for a starting model too, but not as long as a slow disk takes
        while (status := read_status(server.data_dir)) is None or status.state == "loading":
            await asyncio.sleep(0.2)
    assert status.state == "ready", status.detail
    context = await browser.new_context(base_url=server.url)
    page = await context.new_page()
    await page.goto(server.link)
    yield server, page
    await context.close()
    assert server.stop() == 0


async def test_the_local_model_uses_the_calculator_and_answers(with_model):
    _, page = with_model
    await choose(page, "Encyclopedia")
    await send(page, "What is (37*43+12)/7?")

    await expect(answer(page).locator(".timeline__head")).to_contain_text("Thought for", timeout=300_000)
    await expect(answer(page).locator(".answer__text")).to_contain_text("229")
    await answer(page).locator(".timeline__head").click()
    await expect(answer(page).locator(".step[data-kind=action]").filter(has_text="Calculator").first).to_contain_text(
        re.compile(r"37\s*\*\s*43")
    )


async def test_a_name_is_remembered_over_three_turns(with_model):
    _, page = with_model
    await page.goto("/")
    await choose(page, "Assistant")
    for turn, said in enumerate(("My name is Zephyrine.", "What is 2 + 2?", "Name a fruit.", "What is my name?"), 1):
        await send(page, said)
        await expect(page.locator("chat-answer")).to_have_count(turn)
        await expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible(timeout=120_000)

    await expect(answer(page).locator(".answer__text")).to_contain_text("Zephyrine")


@pytest.mark.parametrize(("agent", "question", "said", "kinds"), ASKED, ids=[agent for agent, *_ in ASKED])
async def test_every_agent_of_the_demo_comes_to_an_answer(with_model, agent, question, said, kinds):
    _, page = with_model
    await page.goto("/")
    await choose(page, agent)
    await send(page, question)

    await expect(answer(page).get_by_role("button", name="Answer again")).to_be_visible(timeout=300_000)
    await expect(answer(page).get_by_role("alert")).to_have_count(0)
    await expect(answer(page).locator(".answer__text")).to_contain_text(re.compile(said))
    steps = await answer(page).locator(".step").all()
    assert kinds <= {await step.get_attribute("data-kind") for step in steps}


async def test_a_server_that_is_stopped_gives_the_answer_up_before_its_model(with_model):
    server, page = with_model
    await page.goto("/")
    await choose(page, "Assistant")
    await send(page, "Count from 1 to 300, with commas.")
    await expect(answer(page).locator(".answer__text")).to_contain_text("1, 2, 3", timeout=180_000)

    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)

    await expect(answer(page).get_by_role("alert")).to_contain_text("The server stopped", timeout=30_000)
    await expect(answer(page).locator(".answer__text")).to_contain_text("1, 2, 3")
