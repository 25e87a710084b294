"""What `make` does on a fresh machine, and what it leaves alone on a second start."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.bootstrap import browser, console, debian, environment, node, postgres, stamp, tests, uv

ROOT = Path(__file__).resolve().parents[1]

FAKE_UV = """#!/bin/sh
echo "$@" >> "{log}"
if [ "$1" = venv ]; then
  for last; do :; done
  mkdir -p "$last/bin"
  printf '#!/bin/sh\\necho "%s {version}"' "$last" > "$last/bin/python"
  chmod +x "$last/bin/python"
fi
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of two requirement files, with a uv that only writes down what it is asked to do."""
    (tmp_path / "requirements").mkdir()
    for kind in ("app", "dev"):
        (tmp_path / "requirements" / f"{kind}.txt").write_text(f"{kind}==1")
    fake = tmp_path / "uv"
    version = "{} {}".format(*sys.version_info[:2])
    fake.write_text(FAKE_UV.format(log=tmp_path / "log", version=version))
    fake.chmod(0o755)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(environment, "STAMP", venv / "parley.json")
    monkeypatch.setattr(uv, "ensure", lambda: fake)
    monkeypatch.setattr(uv, "environ", dict)
    return tmp_path


@pytest.fixture
def asked(project):
    """What uv was asked to do since the last time we looked: the kind of each sync, or `venv`."""

    def look():
        log = project / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [re.search(r"requirements/(\w+)\.txt|(venv) ", line).group(1, 2) for line in lines]

    return lambda: [sync or venv for sync, venv in look()]


def test_the_first_start_makes_the_environment(project, asked):
    environment.ensure("app")

    assert asked() == ["venv", "app"]


def test_packages_are_checked_against_their_hashes(project):
    environment.ensure("app")

    assert "--require-hashes" in (project / "log").read_text()


def test_a_second_start_does_nothing(project, asked):
    environment.ensure("app")
    asked()

    environment.ensure("app")

    assert asked() == []


def test_testing_adds_packages_and_running_afterwards_leaves_them(project, asked):
    environment.ensure("app")
    environment.ensure("dev")
    assert asked() == ["venv", "app", "dev"]

    environment.ensure("app")

    assert asked() == []


def test_changed_requirements_are_installed(project, asked):
    environment.ensure("dev")
    asked()
    (project / "requirements" / "dev.txt").write_text("dev==2")

    environment.ensure("app")

    assert asked() == ["dev"]


def test_an_interrupted_install_is_taken_up_again(project, asked, monkeypatch):
    environment.ensure("app")
    asked()
    (project / "requirements" / "app.txt").write_text("app==2")
    with monkeypatch.context() as patch:
        patch.setattr(uv, "ensure", lambda: Path("/bin/false"))
        with pytest.raises(console.Stop):
            environment.ensure("app")

    environment.ensure("app")

    assert asked() == ["app"]


def test_an_environment_that_was_moved_is_made_again(project, asked, monkeypatch):
    environment.ensure("app")
    asked()
    moved = project / "moved"
    (project / ".venv").rename(moved)
    monkeypatch.setattr(environment, "VENV", moved)
    monkeypatch.setattr(environment, "PYTHON", moved / "bin" / "python")
    monkeypatch.setattr(environment, "STAMP", moved / "parley.json")

    environment.ensure("app")

    assert asked() == ["venv", "app"]


def test_uv_takes_the_index_that_pip_is_set_up_for(monkeypatch):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("PIP_CERT", "/certificates.pem")

    environ = uv.environ()

    assert environ["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert environ["SSL_CERT_FILE"] == "/certificates.pem"


@pytest.mark.parametrize(("trusted", "settings"), [(["proxy.pem"], {"UV_SYSTEM_CERTS": "true"}), ([], {})])
def test_uv_trusts_whom_the_system_trusts_where_it_trusts_anybody(monkeypatch, tmp_path, trusted, settings):
    for name in trusted:
        (tmp_path / name).touch()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)

    environ = uv.environ()

    assert {name: environ[name] for name in ("UV_SYSTEM_CERTS",) if name in environ} == settings


def test_uv_settings_win_over_those_of_pip(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("UV_INDEX_URL", "https://other.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)

    assert "UV_DEFAULT_INDEX" not in uv.environ()


def test_caches_move_into_the_project_where_the_home_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)

    assert console.writable_caches()["UV_CACHE_DIR"] == str(console.TOOLS / "cache" / "uv")


@pytest.mark.parametrize(
    ("version", "enough"), [("v18.20.4", False), ("v20.18.0", False), ("v20.19.0", True), ("v24.1.0", True)]
)
def test_node_of_the_system_is_taken_when_it_is_new_enough(tmp_path, version, enough):
    for name, line in {"node": f"echo {version}", "npm": "true"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)

    assert node._new_enough(str(tmp_path)) is enough


def test_node_without_npm_is_not_enough(tmp_path):
    (tmp_path / "node").write_text("#!/bin/sh\necho v24.0.0\n")
    (tmp_path / "node").chmod(0o755)

    assert node._new_enough(str(tmp_path)) is False


def test_the_browser_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chrome"))

    assert browser.executable() == str(tmp_path / "chrome")


def test_a_browser_is_installed_where_that_is_allowed(monkeypatch, tmp_path):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    installed = []
    monkeypatch.setattr(debian, "install", lambda *names: installed.extend(names))

    assert browser.ensure() is None
    assert installed == ["chromium"]


@pytest.mark.parametrize(
    ("line", "settings"), [("echo v22", {}), ("exit 127", {"PLAYWRIGHT_NODEJS_PATH": "/our/node"})]
)
def test_the_browser_s_driver_takes_our_node_where_its_own_cannot_start(monkeypatch, tmp_path, line, settings):
    own = tmp_path / "lib" / "python3.11" / "site-packages" / "playwright" / "driver" / "node"
    own.parent.mkdir(parents=True)
    own.write_text(f"#!/bin/sh\n{line}\n")
    own.chmod(0o755)
    monkeypatch.setattr(browser, "VENV", tmp_path)
    monkeypatch.setattr(node, "executable", lambda: "/our/node")

    assert browser.driver_settings() == settings


@pytest.fixture
def nothing_there(monkeypatch):
    """A machine without browser, database and model; what pytest would be started with."""
    started = []
    monkeypatch.setattr(environment, "prepare", lambda kind: None)
    monkeypatch.setattr(browser, "ensure", lambda: None)
    monkeypatch.setattr(postgres, "ensure", lambda: None)
    monkeypatch.setattr(tests, "_has_model", lambda: False)
    monkeypatch.setattr(tests.os, "execv", lambda program, args: started.append(args))
    return started


def test_what_is_missing_is_left_out_and_said(nothing_there, monkeypatch, capsys):
    monkeypatch.delenv("CI", raising=False)

    tests.run(["tests/chat"])

    assert nothing_there[0][3:] == ["-m", "not e2e and not local_model", "tests/chat"]
    assert "apt-get install chromium" in capsys.readouterr().err


def test_on_ci_nothing_may_be_missing(nothing_there, monkeypatch):
    monkeypatch.setenv("CI", "true")

    with pytest.raises(console.Stop, match="nothing may be missing"):
        tests.run([])
    assert nothing_there == []


def test_make_alone_lists_the_commands():
    listed = subprocess.run([shutil.which("make")], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    for name in ("run", "test", "lint", "help"):
        assert f"  make {name} " in listed


@pytest.mark.parametrize("name", ["uv", "node", "openmp", "app", "dev"])
def test_requirement_files_have_hashes_and_no_addresses(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()

    assert "--hash=sha256:" in text
    assert "://" not in text


def test_the_npm_lock_has_no_addresses():
    lock = json.loads((ROOT / "config" / "vendor" / "package-lock.json").read_text())

    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def test_a_stamp_that_cannot_be_read_is_none(tmp_path):
    (tmp_path / "stamp").write_text("{")

    assert stamp.read(tmp_path / "stamp") == {}
