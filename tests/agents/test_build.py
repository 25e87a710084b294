"""Which model a name leads to."""

import os
from datetime import UTC, datetime

import pytest

from agents import build
from agents.admin.language_models.abilities import LanguageModelForm
from agents.local_model import status
from agents.local_model.status import Status
from agents.models import LanguageModel, ModelPrice, Provider
from agents.runtime.errors import ModelError, RunError
from agents.runtime.llm import Message, Request
from agents.runtime.providers import servers
from agents.runtime.tokens.calibration import windows
from agents.services.language_models import forget_lessons
from config.db import in_db
from tests.stub_model import StubModel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def local(settings, tmp_path):
    """A local model that is ready, and no other server."""
    settings.OPENAI_BASE_URL = settings.OPENAI_API_KEY = settings.OPENAI_MODEL = ""
    settings.LOCAL_MODEL = True
    settings.DATA_DIR = tmp_path
    status.write(tmp_path, Status("ready", "", "qwen", "http://127.0.0.1:9/v1", "key", owner=os.getpid()))


@pytest.mark.parametrize("name", ["default", "qwen", "short"])
async def test_the_local_model_is_found_by_each_of_its_names(local, name):
    await LanguageModel.objects.acreate(slug="short", name="qwen")
    assert (await build.language_models.llm_for(name)).name == "qwen"
    await build.language_models.close_clients()


async def test_a_local_model_that_nobody_serves_is_said(local, tmp_path):
    status.remove(tmp_path)
    with pytest.raises(RunError, match="The local model isn't running") as refused:
        await build.language_models.llm_for("default")
    assert (refused.value.code, refused.value.retryable) == ("no_model", True)


async def test_a_name_that_the_local_server_does_not_have_is_refused(local):
    with pytest.raises(RunError, match="There is no model “gpt-9”: the local server has qwen alone") as refused:
        await build.language_models.llm_for("gpt-9")
    assert refused.value.code == "no_model"


async def test_a_local_model_that_is_away_is_not_for_the_person_to_check(local):
    llm = await build.language_models.llm_for("default")
    with pytest.raises(ModelError, match="being started again") as failed:
        [chunk async for chunk in llm.stream(Request([Message("user", "Hi")]))]
    assert (failed.value.code, failed.value.retryable) == ("unreachable", True)
    await build.language_models.close_clients()


async def test_a_server_that_the_operator_named_judges_its_ids_itself(local, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    settings.OPENAI_MODEL = "first"
    assert (await build.language_models.llm_for("gpt-9")).name == "gpt-9"
    await build.language_models.close_clients()


async def test_an_id_that_is_named_needs_no_default_model(local, settings):
    settings.OPENAI_API_KEY = "sk-x"
    assert (await build.language_models.llm_for("gpt-9")).name == "gpt-9"
    await build.language_models.close_clients()


async def test_a_model_has_the_price_of_its_own_provider(local, settings):
    for name, price in (("cheap", 1), ("dear", 9)):
        provider = await Provider.objects.acreate(name=name, base_url=f"http://{name}.example/v1")
        model = await LanguageModel.objects.acreate(slug=name, name="same", provider=provider)
        await ModelPrice.objects.acreate(model=model, input=price, output=price, valid_from="2026-01-01")

    assert (await build.language_models.llm_for("cheap")).price.input == 1
    assert (await build.language_models.llm_for("dear")).price.input == 9
    await build.language_models.close_clients()


async def test_the_client_of_a_local_model_that_was_started_again_is_closed(local, tmp_path):
    old = await build.language_models.llm_for("default")
    status.write(tmp_path, Status("ready", "", "qwen", "http://127.0.0.1:8/v1", "key", owner=os.getpid()))

    new = await build.language_models.llm_for("default")

    assert (old.client.is_closed(), new.client.is_closed()) == (True, False)
    await build.language_models.close_clients()


@pytest.fixture
async def stub(local, settings):
    """A server that the operator named, which refuses `stop`."""
    async with StubModel([{"refuse": ["stop"], "reply": "Hi."}]) as stub:
        settings.OPENAI_BASE_URL, settings.OPENAI_MODEL = stub.base_url, "stub"
        yield stub
        await build.language_models.close_clients()


async def ask(name, **fields):
    llm = await build.language_models.llm_for(name)
    return [chunk async for chunk in llm.stream(Request((Message("user", "Hi"),), **fields))]


async def save_form(row, **fields):
    def save():
        form = LanguageModelForm({"slug": row.slug, "name": row.name, **fields}, instance=row)
        assert form.is_valid()
        form.save()

    await in_db(save)


async def test_what_a_server_teaches_is_stored_with_the_day_and_known_after_a_restart(stub):
    row = await LanguageModel.objects.acreate(slug="short", name="stub")

    await ask("short", stop=("x",))
    await build.language_models.close_clients()
    servers._servers.clear()
    await ask("short", stop=("x",))

    await row.arefresh_from_db()
    assert row.capabilities["learned"]["stop"] == {"value": False, "date": datetime.now(UTC).date().isoformat()}
    assert ["stop" in sent for sent in stub.requests] == [True, False, False]


async def test_what_staff_say_of_a_model_wins_over_what_was_learned(stub):
    learned = {"stop": {"value": False, "date": "2026-01-01"}, "tools": {"value": False, "date": "2026-01-01"}}
    await LanguageModel.objects.acreate(
        slug="short", name="stub", capabilities={"stop": True, "system_role": "merge_into_user", "learned": learned}
    )

    llm = await build.language_models.llm_for("short")

    assert (llm.capabilities.stop, llm.capabilities.tools) == (True, False)
    assert llm.capabilities.system_role == "merge_into_user"


async def test_a_window_that_staff_set_holds_in_place_of_the_learned_one(stub):
    row = await LanguageModel.objects.acreate(slug="short", name="stub", context_window=8192)
    old = await build.language_models.llm_for("short")
    old.lessons.learn("context_window", 4096)
    await build.language_models.close_clients()
    assert (await build.language_models.llm_for("short")).context_window == 4096

    await row.arefresh_from_db()
    await save_form(row, context_window=32_000)

    assert (await build.language_models.llm_for("short")).context_window == 32_000


async def test_what_was_learned_is_forgotten_by_every_client_and_learned_anew(stub):
    row = await LanguageModel.objects.acreate(slug="short", name="stub")
    await ask("short", stop=("x",))
    llm = await build.language_models.llm_for("short")
    windows.lower(llm, 4000)
    await build.language_models.close_clients()

    await in_db(forget_lessons, row.pk)
    await ask("short", stop=("x",))

    assert ["stop" in sent for sent in stub.requests] == [True, False, True, False]
    assert windows.of(await build.language_models.llm_for("short")) is None


async def test_what_is_learned_beside_does_not_store_again_what_was_forgotten(stub):
    row = await LanguageModel.objects.acreate(slug="short", name="stub")
    llm = await build.language_models.llm_for("short")
    llm.lessons.learn("context_window", 4096)
    await build.language_models.close_clients()
    await in_db(forget_lessons, row.pk)

    llm.lessons.learn("seed", False)
    await build.language_models.close_clients()

    await row.arefresh_from_db()
    assert set(row.capabilities["learned"]) == {"seed"}


async def test_a_local_model_has_no_breaker_and_a_provider_has_one(local, settings):
    assert (await build.language_models.llm_for("default")).server.breaker is None
    settings.OPENAI_BASE_URL = "http://127.0.0.1:8/v1"
    assert (await build.language_models.llm_for("gpt-9")).server.breaker is not None
    await build.language_models.close_clients()


async def test_fallbacks_stand_behind_a_model_in_their_order(local, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"

    llm = await build.language_models.llm_with_fallbacks("a", ["b"])
    alone = await build.language_models.llm_with_fallbacks("a", [])

    assert [model.name for model in llm._models] == ["a", "b"]
    assert alone is await build.language_models.llm_for("a")
    await build.language_models.close_clients()


async def test_a_name_that_leads_nowhere_is_passed_over_while_another_leads_somewhere(local):
    assert (await build.language_models.llm_with_fallbacks("gpt-9", ["qwen"])).name == "qwen"
    with pytest.raises(RunError, match="There is no model “gpt-9”"):
        await build.language_models.llm_with_fallbacks("gpt-9", ["gpt-8"])
    await build.language_models.close_clients()


async def test_an_embedding_model_is_found_like_any_other(local, settings):
    settings.EMBEDDING_MODEL = ""
    assert build.embeddings.embedder() is None
    settings.EMBEDDING_MODEL = "gpt-9"
    with pytest.raises(RunError, match="There is no model “gpt-9”"):
        await build.embeddings.embedder().embed(["x"])
    settings.EMBEDDING_MODEL = "default"
    with pytest.raises(ModelError) as failed:
        await build.embeddings.embedder().embed(["x"])
    assert failed.value.code == "unreachable"
    assert await build.language_models.embedder_for("qwen") is await build.language_models.embedder_for("default")
    await build.language_models.close_clients()
