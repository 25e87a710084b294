"""ES modules without a bundler: the import map by which they find each other, and preloads for a page's entry.

`{% import_map %}` stands once in a page, before `{% module "chat/main.js" %}`. Each module is named by its path under
static/js, and vendored libraries by the name in static/vendor/manifest.json; both lead to hashed static URLs.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

register = template.Library()

STATIC = Path(settings.BASE_DIR) / "static"
# Imports that run at once; `import("…")` is for later and isn't preloaded.
_IMPORT = re.compile(r"""^(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']""", re.MULTILINE)


@register.simple_tag(takes_context=True)
def import_map(context: template.Context) -> str:
    imports = {name: static(path) for name, path in _modules().items()}
    # Nothing here comes from people, but a script element ends at `<`, whatever the JSON means.
    text = json.dumps({"imports": imports}, separators=(",", ":")).replace("<", "\\u003c")
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        context.get("csp_nonce", ""),
        mark_safe(text),  # noqa: S308
    )


@register.simple_tag(takes_context=True)
def module(context: template.Context, entry: str) -> str:
    """The script element of an entry, and preloads for all that it imports, so that they are fetched side by side."""
    nonce = context.get("csp_nonce", "")
    known = _modules()
    preloads = format_html_join(
        "\n",
        '<link rel="modulepreload" href="{}" nonce="{}">',
        ((static(known[name]), nonce) for name in _needed_by(entry)),
    )
    return format_html('{}\n<script type="module" src="{}" nonce="{}"></script>', preloads, static(known[entry]), nonce)


def _modules() -> dict[str, str]:
    """Name → path under static/, of our own modules and of the vendored ones. New files count at once in DEBUG."""
    return _find_modules() if settings.DEBUG else _modules_once()


def _find_modules() -> dict[str, str]:
    manifest = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    vendored = {entry["module"]: f"vendor/{entry['file']}" for entry in manifest if "module" in entry}
    own = {file.relative_to(STATIC / "js").as_posix(): file.relative_to(STATIC).as_posix() for file in _own_files()}
    return vendored | own


def _own_files() -> Iterator[Path]:
    yield from sorted((STATIC / "js").rglob("*.js"))


_modules_once = cache(_find_modules)


def _needed_by(entry: str) -> list[str]:
    """Everything that the entry imports, near and far, without itself."""
    known, found, waiting = _modules(), dict[str, None](), [entry]
    while waiting:
        for name in _imports_of(known[waiting.pop()]):
            if name in known and name not in found and name != entry:
                found[name] = None
                waiting.append(name)
    return list(found)


def _imports_of(path: str) -> list[str]:
    return _IMPORT.findall((STATIC / path).read_text(encoding="utf-8"))
