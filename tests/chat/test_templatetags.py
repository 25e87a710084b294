"""Modules find each other by the import map, and icons come from the sprite."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

STATIC = Path(settings.BASE_DIR) / "static"


@pytest.fixture(autouse=True)
def plain_static_urls(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def rendered(source: str) -> str:
    return Template(source).render(Context({"csp_nonce": "n0nce"}))


def import_map() -> dict[str, str]:
    html = rendered("{% load modules %}{% import_map %}")
    return json.loads(re.search(r">(.*)</script>", html)[1])["imports"]


def test_every_module_of_ours_is_in_the_import_map_by_its_path():
    own = {file.relative_to(STATIC / "js").as_posix() for file in (STATIC / "js").rglob("*.js")}

    assert own <= set(import_map())
    assert import_map()["chat/transcript.js"] == "/static/js/chat/transcript.js"


def test_vendored_libraries_are_in_the_import_map_by_their_name():
    assert import_map()["markdown-it"] == "/static/vendor/markdown-it.js"


def test_the_import_map_and_the_scripts_carry_the_nonce():
    html = rendered('{% load modules %}{% import_map %}{% module "chat/main.js" %}')

    assert all('nonce="n0nce"' in tag for tag in re.findall(r"<(?:script|link)[^>]*>", html))


def test_what_an_entry_imports_is_preloaded_and_what_is_for_later_is_not():
    html = rendered('{% load modules %}{% module "chat/main.js" %}')
    preloaded = re.findall(r'modulepreload" href="([^"]+)"', html)

    assert "/static/js/chat/transcript.js" in preloaded
    assert "/static/vendor/dompurify.js" in preloaded
    assert "/static/vendor/highlight.js" not in preloaded
    assert len(preloaded) == len(set(preloaded))
    assert html.endswith('<script type="module" src="/static/js/chat/main.js" nonce="n0nce"></script>')


def test_every_import_of_our_modules_leads_somewhere():
    known = set(import_map())
    for file in (STATIC / "js").rglob("*.js"):
        for name in re.findall(r'(?:from|import|import\()\s*"([^"]+)"', file.read_text(encoding="utf-8")):
            assert name in known, f"{file.name} imports {name}"


def test_an_unknown_entry_is_an_error():
    with pytest.raises(KeyError):
        rendered('{% load modules %}{% module "chat/nowhere.js" %}')


def test_an_icon_is_decoration_from_the_sprite():
    html = rendered('{% load icons %}{% icon "copy" "big" %}')

    assert html == '<svg class="icon big" aria-hidden="true"><use href="/static/vendor/icons.svg#copy"></use></svg>'
