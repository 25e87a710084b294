"""Chatting in a real browser, from the first link to a reload in mid-answer."""

import re

from playwright.async_api import expect

LONG = "Count slowly"
COUNTED = " ".join(str(number) for number in range(1, 81))


async def send(page, text):
    await page.get_by_label("Message").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()


def answer(page):
    return page.locator("chat-answer").last


async def choose(page, agent):
    await page.locator("agent-picker button").first.click()
    await (
        page.get_by_role("option", name=re.compile(agent))
        .or_(page.get_by_role("menuitemradio", name=re.compile(agent)))
        .first.click()
    )


async def test_a_question_is_answered_and_survives_a_reload(page):
    await send(page, "Hello there")
    await expect(answer(page)).to_contain_text("Hello! How can I help?")
    await expect(page).to_have_url(re.compile("/c/[0-9a-f-]{36}/"))
    await expect(page.get_by_role("navigation", name="Chats")).to_contain_text("Hello there")

    await page.reload()

    await expect(answer(page)).to_contain_text("Hello! How can I help?")
    await expect(page.get_by_label("Message")).to_be_focused()


async def test_the_reasoning_of_an_agent_can_be_watched_and_read_later(page):
    await choose(page, "Encyclopedia")
    await send(page, "How much is 6 times 7 plus 1?")
    await expect(answer(page).locator(".answer__text")).to_have_text("It is 43.")

    head = answer(page).locator(".timeline__head")
    await expect(head).to_contain_text(re.compile(r"Thought for .* · \d steps"))
    await page.reload()
    await head.click()

    steps = answer(page).locator(".step")
    await expect(steps.filter(has_text="I should calculate this.")).to_be_visible()
    await expect(steps.filter(has_text="Calculator")).to_contain_text("6*7+1")
    await expect(steps.filter(has_text="Result")).to_contain_text("43")


async def test_tools_that_run_side_by_side_stand_with_their_results(page):
    await choose(page, "Assistant with tools")
    await send(page, "Work out two things")
    await expect(answer(page).locator(".answer__text")).to_have_text("They are 42 and 81.")
    await answer(page).locator(".timeline__head").click()

    steps = answer(page).locator(".step")
    await expect(steps).to_have_count(4)
    for place, shown in enumerate(["6*7", "42", "9*9", "81"]):
        await expect(steps.nth(place).locator(".step__text")).to_have_text(shown)


async def test_an_answer_in_a_schema_is_a_block_of_code(page):
    await choose(page, "Contact card")
    await send(page, "Could we meet on 14 March?")

    await expect(answer(page).locator("pre code")).to_contain_text('"date": "14 March"')


async def test_a_reload_in_mid_answer_goes_on_without_a_gap(page):
    await send(page, LONG)
    await expect(answer(page).locator(".answer__text")).to_contain_text("1 2 3")

    await page.reload()
    await expect(answer(page).locator(".answer__text")).to_contain_text("1 2 3")
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()

    await expect(answer(page).locator(".answer__text")).to_have_text(COUNTED)
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


async def test_two_tabs_show_the_same(page, new_page):
    await send(page, LONG)
    await expect(page).to_have_url(re.compile("/c/"))
    other = await new_page(path=page.url)

    for tab in (page, other):
        await expect(answer(tab).locator(".answer__text")).to_have_text(COUNTED)


async def test_stop_keeps_what_was_said_and_retry_makes_a_sibling(page):
    await send(page, "Tell me an endless story")
    await expect(answer(page)).to_contain_text("once upon")

    await page.get_by_role("button", name="Stop").click()

    await expect(answer(page)).to_contain_text("You stopped this answer.")
    await expect(answer(page).locator(".answer__text")).to_contain_text("once upon a time")
    await answer(page).get_by_role("button", name="Retry").click()
    await expect(answer(page)).to_contain_text("2 / 2")
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_role("button", name="Previous version").click()
    await expect(answer(page)).to_contain_text("1 / 2")


async def test_a_failure_is_shown_in_place_and_can_be_tried_again(page):
    await send(page, "Fail once, please")
    await expect(answer(page).get_by_role("alert")).to_be_visible()
    await expect(answer(page)).not_to_contain_text("sk-secret")
    await expect(answer(page).get_by_role("button", name="Answer again")).to_have_count(0)

    await answer(page).get_by_role("button", name="Retry").click()

    await expect(answer(page).locator(".answer__text")).to_have_text("This time it worked.")


async def test_words_that_came_before_a_broken_line_stay(page):
    await send(page, "Break off in the middle")

    await expect(answer(page).get_by_role("alert")).to_be_visible()
    await expect(answer(page).locator(".answer__text")).to_contain_text("These words were sent")
    await page.reload()
    await expect(answer(page).locator(".answer__text")).to_contain_text("These words were sent")


async def test_markdown_is_rendered_and_nothing_in_it_runs(page):
    await send(page, "Show a table")

    await expect(answer(page).get_by_role("cell", name="1837")).to_be_visible()
    await expect(answer(page).locator("pre code")).to_contain_text('print("hello")')
    assert await page.evaluate("window.hacked") is None
    assert await answer(page).locator("script").count() == 0
    assert await answer(page).locator("[onerror], a[href^='javascript']").count() == 0
    assert await answer(page).locator("img[src^='http://far.example']").count() == 0


async def test_an_over_long_message_is_refused_with_the_limit_and_kept(page):
    text = "x" * 32_001
    await page.get_by_label("Message").fill(text)
    await page.get_by_role("button", name="Send", exact=True).click()

    await expect(page.locator(".composer [role=alert]")).to_contain_text("32,000")
    assert await page.get_by_label("Message").input_value() == text


async def test_a_draft_survives_a_reload(page):
    await page.get_by_label("Message").fill("Not yet sent")
    await page.reload()

    await expect(page.get_by_label("Message")).to_have_value("Not yet sent")
    await page.get_by_label("Message").fill("")


async def test_the_whole_loop_works_on_a_phone(new_page):
    page = await new_page(width=390, height=844, dark=True)
    await send(page, "Hello from a phone")
    await expect(answer(page)).to_contain_text("Hello! How can I help?")

    await page.get_by_role("button", name="Open the list of chats").click()

    await expect(page.get_by_role("navigation", name="Chats")).to_contain_text("Hello from a phone")
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


async def test_a_long_message_that_waits_leaves_a_phone_s_page_as_wide_as_it_is(new_page):
    page = await new_page(width=390, height=844)
    await send(page, LONG)
    stop = page.get_by_role("button", name="Stop", exact=True)
    await expect(stop).to_be_visible()

    await page.get_by_label("Message").fill(
        "And then tell me all that there is to say about the lighthouses of the north. " * 4
    )
    assert (await stop.bounding_box())["width"] == 32
    await page.get_by_role("button", name="Send when done").click()

    await expect(page.locator(".queue__text")).to_be_visible()
    await expect(stop).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.scrollingElement.scrollWidth") == 390
    await page.get_by_role("button", name="Remove").click()


async def test_who_is_not_signed_in_comes_to_the_sign_in_page(browser, parley):
    context = await browser.new_context(base_url=parley.url)
    page = await context.new_page()
    await page.goto("/")

    await expect(page).to_have_url(re.compile("/accounts/sign-in/"))
    await page.get_by_label("Username").fill("nobody")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("body")).to_contain_text("correct username and password")
    await context.close()


async def test_a_deleted_chat_is_opened_again_by_undo(page):
    await send(page, "Hello there")
    await expect(answer(page)).to_contain_text("Hello! How can I help?")
    address = page.url

    await page.get_by_role("button", name=re.compile("Actions for Hello")).first.click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("button", name="Undo").click()

    await expect(page).to_have_url(address)
    await expect(answer(page)).to_contain_text("Hello! How can I help?")


async def test_the_focus_stays_where_the_work_goes_on(page):
    composer = page.get_by_label("Message")
    await page.locator(".starter").first.click()
    await expect(composer).to_be_focused()
    await expect(answer(page).locator(".answer__text")).not_to_be_empty()

    await send(page, LONG)
    await page.get_by_role("button", name="Stop", exact=True).click()
    await expect(composer).to_be_focused()
    await expect(answer(page)).to_contain_text("You stopped this answer.")

    pencil = page.locator("chat-question").last.get_by_role("button", name="Edit and ask again")
    await pencil.click()
    await page.keyboard.press("Escape")
    await expect(pencil).to_be_focused()

    await pencil.click()
    await page.get_by_label("Edit what you said").fill("Hello there")
    await page.keyboard.press("Enter")
    await expect(composer).to_be_focused()
    await expect(answer(page)).to_contain_text("Hello! How can I help?")
    await page.locator("chat-question").last.get_by_role("button", name="Previous version").click()
    await expect(page.locator("chat-question").last.get_by_role("button", name="Next version")).to_be_focused()


async def test_the_focus_stays_in_the_rail_when_a_chat_is_deleted_there(page):
    rows = page.locator(".chat-row")
    for question in ("Hello to the first", "Hello to the second"):
        await page.goto("/")
        await send(page, question)
        await expect(answer(page)).to_contain_text("Hello! How can I help?")
    await page.goto("/")
    doomed, other = await rows.nth(0).get_attribute("data-id"), rows.nth(1)
    next_chat = page.locator(f'.chat-row[data-id="{await other.get_attribute("data-id")}"] a')

    await rows.nth(0).get_by_role("button").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(next_chat).to_be_focused()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.locator(f'.chat-row[data-id="{doomed}"] a')).to_be_focused()


async def test_escape_closes_a_menu_and_leaves_the_drawer(new_page):
    page = await new_page(width=390, height=844)
    await send(page, "Hello there")
    await expect(answer(page)).to_contain_text("Hello! How can I help?")
    await page.get_by_role("button", name="Open the list of chats").click()
    button = page.locator(".chat-row").first.get_by_role("button")
    await button.click()
    await expect(page.get_by_role("menuitem", name="Rename")).to_be_visible()

    await page.keyboard.press("Escape")

    await expect(page.get_by_role("menuitem")).to_have_count(0)
    await expect(page.locator("chat-app")).to_have_attribute("data-rail-open", "")
    await expect(button).to_be_focused()


async def test_the_picker_s_own_button_closes_it(page):
    button = page.locator("agent-picker button").first
    await button.click()
    await expect(page.get_by_role("menuitemradio").first).to_be_visible()
    await button.click()
    await expect(page.get_by_role("menuitemradio")).to_have_count(0)
    await button.click()
    await expect(page.get_by_role("menuitemradio").first).to_be_visible()
