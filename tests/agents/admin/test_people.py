"""People and groups: who may give whom what."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from agents.models import User


def permissions(*names):
    return Permission.objects.filter(codename__in=names)


def page(person):
    return reverse("admin:agents_user_change", args=[person.pk])


def password_page(person):
    return reverse("admin:auth_user_password_change", args=[person.pk])


@pytest.fixture
def lead(client, bob):
    """A browser in which Bob manages people, but is no administrator."""
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(permissions("add_user", "change_user", "delete_user", "view_user", "view_prompt"))
    bob.user_permissions.add(*permissions("add_group", "change_group", "view_group"))
    client.force_login(bob)
    return client


def test_a_person_is_made_staff(staff, bob):
    staff.post(page(bob), {"username": "bob", "is_active": "on", "is_staff": "on", "email": ""})

    bob.refresh_from_db()
    assert bob.is_staff


def test_a_person_is_added_with_name_and_password(staff):
    url = reverse("admin:agents_user_add")
    assert "usable_password" not in staff.get(url).content.decode()

    staff.post(url, {"username": "joan", "password1": "clarke-1941", "password2": "clarke-1941"})

    assert User.objects.get(username="joan").check_password("clarke-1941")


def test_a_password_is_set_and_taken_away(staff, bob):
    staff.post(password_page(bob), {"password1": "turing-1936", "password2": "turing-1936", "set-password": "1"})
    bob.refresh_from_db()
    assert bob.check_password("turing-1936")

    staff.post(password_page(bob), {"unset-password": "1"})

    bob.refresh_from_db()
    assert not bob.has_usable_password()


def test_a_password_that_is_not_typed_is_asked_for(staff, bob):
    answer = staff.post(password_page(bob), {"set-password": "1"})

    assert answer.context["form"].errors["password1"]


@pytest.mark.parametrize("whom", ["ada", "bob"])
def test_only_an_administrator_makes_administrators(lead, request, whom):
    person = request.getfixturevalue(whom)

    lead.post(page(person), {"username": whom, "is_active": "on", "is_staff": "on", "is_superuser": "on"})

    person.refresh_from_db()
    assert person.is_staff
    assert not person.is_superuser


@pytest.mark.parametrize("whom", ["ada", "bob"])
def test_nobody_gives_a_permission_that_they_do_not_have(lead, request, whom):
    person = request.getfixturevalue(whom)
    wanted = permissions("change_prompt")

    form = lead.post(page(person), {"username": whom, "user_permissions": [wanted.get().pk]}).context["adminform"].form

    assert "Can change prompt" in form.errors["user_permissions"][0]
    assert not person.user_permissions.filter(pk__in=wanted).exists()


def test_what_somebody_may_do_they_may_give(lead, ada):
    wanted = permissions("view_prompt").get()

    lead.post(page(ada), {"username": "ada", "user_permissions": [wanted.pk]})

    assert list(ada.user_permissions.all()) == [wanted]


def test_what_others_have_given_stays(lead, ada):
    given = permissions("change_prompt").get()
    ada.user_permissions.add(given)

    lead.post(page(ada), {"username": "ada", "first_name": "Ada", "user_permissions": [given.pk]})

    ada.refresh_from_db()
    assert (ada.first_name, list(ada.user_permissions.all())) == ("Ada", [given])


def test_nobody_puts_people_into_a_group_that_may_do_more_than_they(lead, bob):
    editors = Group.objects.create(name="Editors")
    editors.permissions.set(permissions("change_prompt"))

    lead.post(page(bob), {"username": "bob", "groups": [editors.pk]})

    assert not bob.groups.exists()


def test_nobody_gives_a_group_what_they_do_not_have(lead, bob):
    mine = Group.objects.create(name="Leads")
    bob.groups.add(mine)
    url = reverse("admin:auth_group_change", args=[mine.pk])

    lead.post(url, {"name": "Leads", "permissions": [permissions("change_prompt").get().pk]})

    assert not mine.permissions.exists()


def test_an_administrator_is_changed_by_administrators_alone(lead, grace):
    new = {"password1": "turing-1936", "password2": "turing-1936", "set-password": "1"}

    assert lead.post(password_page(grace), new).status_code == 403
    assert lead.post(page(grace), {"username": "nobody"}).status_code == 403
    assert lead.post(reverse("admin:agents_user_delete", args=[grace.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("active", [True, False])
def test_the_password_of_somebody_who_may_do_more_is_not_set(lead, ada, active):
    User.objects.filter(pk=ada.pk).update(is_active=active)
    ada.user_permissions.set(permissions("change_prompt"))

    assert lead.get(password_page(ada)).status_code == 403
    ada.user_permissions.clear()
    assert lead.get(password_page(ada)).status_code == 200
