"""A browser in front of a real server in front of a scripted model."""

import os
import shutil

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.e2e.script import RULES
from tests.servers import Parley
from tests.stub_model import StubModel

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items):
    """One loop for the browser and all tests that drive it."""
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stub():
    async with StubModel(RULES) as stub:
        yield stub


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def parley(stub, tmp_path_factory):
    server = Parley(tmp_path_factory.mktemp("parley"), {"OPENAI_BASE_URL": stub.base_url}).start()
    yield server
    server.kill()


def chromium_path():
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    found = found or shutil.which("google-chrome")
    if found is None:
        pytest.fail("There is no Chromium. On Debian: apt-get install chromium; elsewhere set CHROMIUM to its path.")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def signed_in(browser, parley):
    """The cookies of the first administrator, who came in by the link."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(parley.link)
    state = await context.storage_state()
    await context.close()
    return state


class Console:
    """What a page complained about: any of it fails the test."""

    def __init__(self, page):
        self.complaints = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message):
        # A form that is refused answers 422, which Chromium calls an error.
        if message.type == "error" and "status of 422" not in message.text:
            self.complaints.append(message.text)


@pytest_asyncio.fixture(loop_scope="session")
async def new_page(browser, signed_in, parley):
    """Opens pages as the administrator; at the end none of them may have complained."""
    contexts, consoles = [], []

    async def open_page(*, width=1280, height=800, dark=False, path="/"):
        context = await browser.new_context(
            storage_state=signed_in,
            base_url=parley.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = await context.new_page()
        consoles.append(Console(page))
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert [complaint for console in consoles for complaint in console.complaints] == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_page):
    return await new_page()
