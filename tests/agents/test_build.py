"""Which model a name leads to."""

import os

import pytest

from agents import build
from agents.local_model import status
from agents.local_model.status import Status
from agents.models import LanguageModel
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
    assert (await build.llm_for(name)).name == "qwen"
    await build.close_clients()


async def test_a_local_model_that_nobody_serves_is_said(local, tmp_path):
    status.remove(tmp_path)
    with pytest.raises(RunError, match="The local model isn't running") as refused:
        await build.llm_for("default")
    assert (refused.value.code, refused.value.retryable) == ("no_model", True)


async def test_a_name_that_the_local_server_does_not_have_is_refused(local):
    with pytest.raises(RunError, match="There is no model “gpt-9”: the local server has qwen alone") as refused:
        await build.llm_for("gpt-9")
    assert refused.value.code == "no_model"


async def test_a_local_model_that_is_away_is_not_for_the_person_to_check(local):
    llm = await build.llm_for("default")
    with pytest.raises(ModelError, match="being started again") as failed:
        [chunk async for chunk in llm.stream(Request([Message("user", "Hi")]))]
    assert (failed.value.code, failed.value.retryable) == ("unreachable", True)
    await build.close_clients()


async def test_a_server_that_the_operator_named_judges_its_ids_itself(local, settings):
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    settings.OPENAI_MODEL = "first"
    assert (await build.llm_for("gpt-9")).name == "gpt-9"
    await build.close_clients()
