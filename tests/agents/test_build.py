"""Which model a name leads to."""

import os

import pytest

from agents import build
from agents.local_model import status
from agents.local_model.status import Status
from agents.models import LanguageModel, ModelPrice, Provider
from agents.runtime.errors import ModelError, RunError
from agents.runtime.llm import Message, Request

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
