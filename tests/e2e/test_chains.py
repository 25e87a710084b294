"""A chain in the browser: chatting with one, and building one by rows."""

from playwright.async_api import expect


async def test_a_chain_shows_its_steps_and_answers(new_page):
    for width, dark in ((1280, False), (390, True)):
        page = await new_page(path="/?agent=brand", width=width, dark=dark)
        await page.get_by_role("button", name="colorful socks").click()

        await expect(page.locator(".answer__text, .prose").get_by_text("Step into colour!")).to_be_visible()
        head = page.locator("reasoning-timeline .timeline__head").last
        await expect(head).to_contain_text("3 steps")
        if await head.get_attribute("aria-expanded") == "false":
            await head.click()
        steps = page.locator("reasoning-timeline .step")
        await expect(steps.nth(0)).to_contain_text("Find a name")
        await expect(steps.nth(1)).to_contain_text("Toe Rainbow")
        await expect(steps.nth(2)).to_contain_text("Write a slogan")


async def test_a_chain_is_built_row_by_row(new_page):
    page = await new_page(path="/admin/agents/chain/add/")
    await page.get_by_label("Name", exact=True).last.fill("Socks")
    await page.get_by_label("Slug").fill("socks")
    steps = page.locator("#chain-steps [data-row]:not([hidden])")
    await page.get_by_role("button", name="Add a step").click()
    await steps.nth(0).get_by_label("Id", exact=True).fill("name")
    await steps.nth(0).get_by_label("Runs").select_option("prompt:company-name")
    await expect(steps.nth(0).get_by_label("product", exact=True)).to_have_value("input.input")
    await page.get_by_role("button", name="Add a step").click()
    await steps.nth(1).get_by_label("Id", exact=True).fill("slogan")
    await steps.nth(1).get_by_label("Runs").select_option("prompt:slogan")
    await expect(steps.nth(1).get_by_label("name", exact=True)).to_have_value("steps.name")
    await steps.nth(1).get_by_label("product", exact=True).select_option("")
    await page.locator(".dock").get_by_role("button", name="Save").click()

    await expect(page.get_by_role("alert")).to_contain_text("Not saved")
    await expect(steps.nth(1)).to_contain_text("It needs product: say where it comes from.")
    await steps.nth(1).get_by_label("product", exact=True).select_option("input.input")
    await page.locator(".dock").get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status").first).to_contain_text("“Socks” is saved.")

    await page.locator("#sample-input").fill("colorful socks")
    await page.get_by_role("button", name="Run it once").click()
    await expect(page.locator(".attempt")).to_contain_text("Step into colour!")
    await expect(page.locator(".attempt .trace")).to_contain_text("Toe Rainbow")


async def test_moving_a_step_changes_what_it_can_be_given(new_page):
    page = await new_page(path="/admin/agents/chain/")
    await page.get_by_role("link", name="Brand ideas").first.click()
    steps = page.locator("#chain-steps [data-row]:not([hidden])")
    await expect(steps.nth(1).get_by_label("name", exact=True)).to_have_value("steps.name")

    await steps.nth(1).get_by_role("button", name="Move up").click()

    await expect(steps.nth(0).locator("select option:checked", has_text="not possible here")).to_have_count(1)
