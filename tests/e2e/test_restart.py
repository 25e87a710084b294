"""A server that is killed in mid-answer: what had been shown is there when it is back, and the page finds it."""

import asyncio

import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.test_chat import answer, send
from tests.servers import Parley


@pytest_asyncio.fixture(loop_scope="session")
async def own_server(stub, tmp_path_factory):
    server = Parley(tmp_path_factory.mktemp("restarted"), {"OPENAI_BASE_URL": stub.base_url}).start()
    yield server
    server.kill()


async def test_a_killed_server_loses_nothing_that_was_shown(browser, own_server):
    context = await browser.new_context(base_url=own_server.url)
    page = await context.new_page()
    await page.goto(own_server.link)
    await send(page, "Count slowly")
    await expect(answer(page).locator(".answer__text")).to_contain_text("1 2 3 4 5")
    shown = await answer(page).locator(".answer__text").inner_text()

    own_server.kill()
    await expect(page.locator("body")).to_contain_text("Reconnecting")
    await asyncio.to_thread(own_server.start)

    await expect(answer(page).get_by_role("alert")).to_contain_text("The server stopped", timeout=30_000)
    kept = await answer(page).locator(".answer__text").inner_text()
    assert kept.startswith(shown.strip()[:-2])
    await answer(page).get_by_role("button", name="Retry").click()
    await expect(answer(page).locator(".answer__text")).to_contain_text("78 79 80")
    await context.close()
