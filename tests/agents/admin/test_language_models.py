"""What a model's server understands: said by staff, found out, and asked for."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from agents import build
from agents.models import LanguageModel
from agents.runtime.errors import ModelError
from agents.runtime.llm import Capabilities
from tests.stub_model import StubModel

LEARNED = {
    "stop": {"value": False, "date": "2026-03-04"},
    "seed": {"value": False, "date": "2026-03-04"},
    "stream": {"value": True, "date": "2026-03-05"},
    "context_window": {"value": 4096, "date": "2026-03-06"},
}


@pytest.fixture
def model(db):
    return LanguageModel.objects.create(
        slug="gpt", name="gpt-9", capabilities={"tools": True, "stop": True, "learned": LEARNED}
    )


def address(model):
    return reverse("admin:agents_languagemodel_change", args=[model.pk])


def probe(model):
    return reverse("admin:agents_languagemodel_probe", args=[model.pk])


def forget(model):
    return reverse("admin:agents_languagemodel_forget", args=[model.pk])


def form(**fields):
    return {"slug": "gpt", "name": "gpt-9", "prices-TOTAL_FORMS": 0, "prices-INITIAL_FORMS": 0, **fields}


def test_the_page_shows_what_was_said_and_what_was_found_out(staff, model):
    response = staff.get(address(model))
    page = response.content.decode()

    assert response.context["adminform"].form["tools"].value() is True
    assert '<option value="True" selected>Yes</option>' in page
    assert "Found out on 4 Mar 2026: no." in page
    assert "Since 4 Mar 2026 it refuses the parameter seed." in page
    assert "Since 6 Mar 2026 it takes 4,096 tokens." in page
    assert "stream" not in response.context["adminform"].model_admin.found_out(model)


def test_what_staff_say_is_kept_and_automatic_leaves_it_to_what_is_found_out(staff, model):
    staff.post(address(model), form(stop="True", system_role="merge_into_user", tools=""))

    model.refresh_from_db()
    assert model.capabilities == {"learned": LEARNED, "stop": True, "system_role": "merge_into_user"}


def test_a_value_that_is_none_is_refused_and_changes_nothing(staff, model):
    page = staff.post(address(model), form(stop="perhaps")).content.decode()

    model.refresh_from_db()
    assert "Select a valid choice" in page
    assert model.capabilities == {"tools": True, "stop": True, "learned": LEARNED}


def test_a_window_that_staff_set_takes_the_place_of_the_one_that_was_found_out(staff, model):
    staff.post(address(model), form(tools="True", context_window="32000"))

    model.refresh_from_db()
    assert model.context_window == 32_000
    assert set(model.capabilities["learned"]) == {"stop", "seed", "stream"}


def test_what_was_found_out_of_another_model_is_not_kept(staff, model):
    staff.post(address(model), form(name="gpt-10", tools="True"))

    model.refresh_from_db()
    assert "learned" not in model.capabilities
    assert model.capabilities["tools"] is True


def test_all_that_was_found_out_can_be_forgotten(staff, model):
    assert "Forget</button>" in staff.get(address(model)).content.decode()

    page = staff.post(forget(model), follow=True).content.decode()

    model.refresh_from_db()
    assert "is forgotten" in page
    assert "Forget</button>" not in page
    assert set(model.capabilities) == {"tools", "stop", "forgotten"}
    assert staff.get(forget(model)).status_code == 405


def test_every_ability_of_the_runtime_has_a_field(staff, model):
    fields = staff.get(address(model)).context["adminform"].form.fields

    assert set(Capabilities.__dataclass_fields__) <= set(fields)


@pytest.mark.django_db(transaction=True)
def test_who_may_only_look_sees_no_button(client, bob, model):
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename="view_languagemodel"))
    client.force_login(bob)

    page = client.get(address(model)).content.decode()

    assert "Probe</button>" not in page
    assert "Forget</button>" not in page
    assert client.post(probe(model)).status_code == 403
    assert client.post(forget(model)).status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_the_button_asks_the_server_and_stores_what_it_understands(async_client, grace, settings):
    model = await LanguageModel.objects.acreate(slug="gpt", name="stub", capabilities={"learned": LEARNED})
    await async_client.aforce_login(grace)
    async with StubModel([{"refuse": ["response_format"], "reply": "11 22"}]) as stub:
        settings.OPENAI_BASE_URL = stub.base_url
        answer = await async_client.post(probe(model))

    await model.arefresh_from_db()
    found = {name: lesson["value"] for name, lesson in model.capabilities["learned"].items()}
    assert answer.headers["Location"] == address(model)
    assert (found["stop"], found["json_schema"], found["seed"], found["context_window"]) == (True, False, True, 4096)


@pytest.mark.django_db(transaction=True)
def test_a_server_that_can_not_be_asked_is_said(staff, model, monkeypatch):
    async def nobody(model):
        raise ModelError("unreachable", "The model's server can't be reached.")

    monkeypatch.setattr(build.probing, "probe_model", nobody)

    page = staff.post(probe(model), follow=True).content.decode()

    assert "Nothing was found out. The model&#x27;s server can&#x27;t be reached." in page


def test_the_probe_is_no_page_to_look_at(staff, model):
    assert staff.get(probe(model)).status_code == 405
