"""Staff in a real browser: a prompt edited, published, put into use, measured and compared."""

import re

from playwright.async_api import expect

from tests.e2e.test_chat import answer, choose, send


async def open_prompt(page):
    await page.goto("/admin/")
    await page.get_by_role("navigation").get_by_role("link", name="Prompts").first.click()
    await page.get_by_role("link", name=re.compile("controversy", re.I)).first.click()


async def test_a_prompt_is_edited_published_and_used_by_the_chat_once_its_label_moves(page):
    await choose(page, "Controversy")
    await send(page, "Cats are better than dogs.")
    await expect(answer(page)).to_contain_text("Controversy score: 3")

    await open_prompt(page)
    await page.get_by_role("button", name=re.compile("draft", re.I)).first.click()
    system = page.locator("form-rows[data-prefix=messages] textarea").first
    await system.fill("Rate how controversial the text is, from 0 to 5 only.")
    await page.get_by_role("button", name="Publish…").click()
    await page.get_by_role("button", name=re.compile("Publish version")).click()
    await open_prompt(page)
    number = await page.locator("a.version").first.inner_text()
    await page.get_by_label("Version", exact=True).select_option(number)
    await page.get_by_role("button", name="Move…").click()
    await page.get_by_role("button", name=f"Move production to {number}").click()

    await page.goto("/?agent=controversy")
    await send(page, "Dogs are better than cats.")
    await expect(answer(page)).to_contain_text("the new prompt was used")
    await answer(page).get_by_role("button", name="About this answer").click()
    await expect(page.locator(".details")).to_contain_text(f"controversy@{number}")


async def test_a_template_with_a_mistake_is_refused_where_it_stands_and_kept(page):
    await open_prompt(page)
    await page.get_by_role("button", name=re.compile("draft", re.I)).first.click()
    system = page.locator("form-rows[data-prefix=messages] textarea").first
    await system.fill("Line one\nLine two {{ unclosed")

    await page.get_by_role("button", name="Save draft").last.click()

    await expect(page.get_by_role("alert")).to_contain_text("Not saved.")
    await expect(page.locator("form-rows[data-prefix=messages]")).to_contain_text(re.compile("line 2", re.I))
    await expect(system).to_have_value("Line one\nLine two {{ unclosed")


async def test_only_the_chosen_strategy_shows_its_options_and_its_cost_follows_them(page):
    await open_prompt(page)
    await page.get_by_role("button", name=re.compile("draft", re.I)).first.click()
    samples = page.get_by_label("Answers", exact=True)
    await expect(samples).to_be_hidden()

    await page.get_by_label("Strategy", exact=True).select_option("self_consistency")
    await samples.fill("12")

    await expect(page.get_by_text("≈ 12 × the calls of a plain answer")).to_be_visible()
    await expect(page.get_by_label("Repairs of a program that fails")).to_be_hidden()


async def test_an_evaluation_is_started_watched_and_read(page):
    await open_prompt(page)
    await page.get_by_role("link", name="Evaluate", exact=True).click()
    await page.get_by_label("Dataset").select_option(index=1)
    await page.get_by_role("button", name="Start", exact=True).click()

    await expect(page.locator("body")).to_contain_text(re.compile(r"\d+ of 42 right"), timeout=30_000)
    await expect(page.get_by_role("row").nth(1)).to_be_visible()


async def test_the_trials_of_an_evaluation_are_followed_while_it_runs(page):
    await page.goto("/admin/agents/evaluation/add/")
    versions = page.get_by_label("Prompt version")
    await versions.select_option(
        value=await versions.locator("option", has_text="controversy@1").get_attribute("value")
    )
    await page.get_by_label("Dataset").select_option(index=1)
    await page.get_by_label("Model").fill("slow")  # it must still be running when its trials are looked at again
    await page.get_by_role("button", name="Start", exact=True).click()
    waiting = page.locator("#trials .tabs").get_by_role("link", name="Waiting")
    at_first = await waiting.inner_text()
    await page.evaluate("document.body.dataset.loaded = ''")

    await expect(waiting).not_to_have_text(at_first, timeout=20_000)
    await expect(page.locator("#trials tbody tr").first).to_contain_text("controversy-01")
    await expect(page.locator("body[data-loaded]")).to_have_count(1)

    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator("body")).to_contain_text("Cancelled", timeout=20_000)


async def test_the_two_demo_versions_are_compared_in_one_click(page):
    await page.goto("/admin/")

    await page.get_by_role("link", name=re.compile("compare", re.I)).first.click()

    await expect(page.locator("body")).to_contain_text(re.compile("improved", re.I))
    await expect(page.locator("body")).to_contain_text(re.compile("regressed", re.I))
    await expect(page.locator("body")).to_contain_text("controversy-01")


async def test_the_log_shows_every_model_call_of_an_answer(page):
    await choose(page, "Encyclopedia")
    await send(page, "How much is 6 times 7 plus 1?")
    await expect(answer(page).locator(".answer__text")).to_have_text("It is 43.")

    await page.goto("/admin/")
    await page.get_by_role("navigation").get_by_role("link", name="Conversations").first.click()
    await page.get_by_role("link", name=re.compile("6 times 7")).first.click()

    await expect(page.locator("body")).to_contain_text("Observation: 43")
    await expect(page.locator("body")).to_contain_text("6*7+1")
    await expect(page.locator("body")).to_contain_text("tokens")


NAMELESS = """
[...document.querySelectorAll("main :is(input, select, textarea):not([type=hidden], template *)")]
  .filter((field) => field.offsetParent && !field.labels?.length)
  .filter((field) => !field.ariaLabel && !field.hasAttribute("aria-labelledby"))
  .map((field) => field.name)
"""


async def test_every_field_of_the_staff_s_forms_has_a_name_that_can_be_read_out(page):
    await open_prompt(page)
    await page.get_by_role("button", name=re.compile("draft", re.I)).first.click()
    await expect(page.locator("form-rows[data-prefix=examples]")).to_be_visible()
    nameless = {"the editor": await page.evaluate(NAMELESS)}
    for part in ("evaluation/add", "agent/1/change", "languagemodel/add", "dataset/1/change", "user/add"):
        await page.goto(f"/admin/agents/{part}/")
        nameless[part] = await page.evaluate(NAMELESS)

    assert nameless == {part: [] for part in nameless}
