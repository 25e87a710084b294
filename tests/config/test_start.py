"""What an operator may set, and what is made on first use."""

import stat
import subprocess
import sys
import threading

import pytest
from django.core.checks import run_checks

from config.env import ROOT, Env, load
from config.secret_files import read_or_make


def test_wrong_settings_are_all_reported_by_name(monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("DEBUG", "maybe")
    monkeypatch.setenv("MODEL", "huge")

    with pytest.raises(SystemExit) as caught:
        load()

    assert all(f"{name}:" in str(caught.value) for name in ("PORT", "DEBUG", "MODEL"))


def test_empty_values_count_as_unset_and_lists_are_split(monkeypatch):
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("ALLOWED_HOSTS", "chat.example.org, localhost")

    env = Env()

    assert env.port == 8000
    assert env.allowed_hosts == ["chat.example.org", "localhost"]


def test_the_file_of_settings_can_be_named(monkeypatch, tmp_path):
    (tmp_path / "settings").write_text("PORT=8123\nMY_API_KEY=key-of-a-provider\n")
    code = "from config import env; print(env.env.port, env.api_keys()['MY_API_KEY'])"
    monkeypatch.setenv("ENV_FILE", str(tmp_path / "settings"))
    monkeypatch.delenv("PORT", raising=False)

    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).split() == [
        "8123",
        "key-of-a-provider",
    ]


@pytest.mark.parametrize(
    ("variables", "local"),
    [
        ({}, True),
        ({"MODEL": "none"}, False),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, False),
        ({"OPENAI_API_KEY": "sk-x"}, False),
    ],
)
def test_the_local_model_is_used_unless_another_is_named(monkeypatch, variables, local):
    monkeypatch.delenv("MODEL")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert Env().uses_local_model is local


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "secrets" / "key"
    made = []
    threads = [threading.Thread(target=lambda: made.append(read_or_make(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 1
    assert len(made[0]) > 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key"]


def test_openai_without_a_model_is_pointed_out(settings):
    settings.OPENAI_API_KEY = "sk-x"

    assert "parley.W001" in [message.id for message in run_checks()]


@pytest.mark.parametrize(
    ("origins", "secure"), [("", False), ("https://chat.example.org", True), ("http://chat.internal", False)]
)
def test_cookies_go_over_tls_alone_where_people_come_by_it(monkeypatch, origins, secure):
    code = "from config import settings; print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)"
    monkeypatch.setenv("TRUSTED_ORIGINS", origins)

    printed = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)

    assert printed.split() == [str(secure)] * 2
