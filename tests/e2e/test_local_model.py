"""The real local model, end to end: a question, a calculator, an answer in the browser."""

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


@pytest_asyncio.fixture(loop_scope="session")
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


async def test_a_server_that_is_stopped_gives_the_answer_up_before_its_model(with_model):
    server, page = with_model
    await send(page, "Count from 1 to 300, with commas.")
    await expect(answer(page).locator(".answer__text")).to_contain_text("1, 2, 3", timeout=180_000)

    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)

    await expect(answer(page).get_by_role("alert")).to_contain_text("The server stopped", timeout=30_000)
    await expect(answer(page).locator(".answer__text")).to_contain_text("1, 2, 3")
