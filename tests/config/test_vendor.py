"""What is vendored for browsers is what the manifest and the lock file say."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from config.vendor.contents import FILES, MODULE_NAMES, SPRITE, package_of
from config.vendor.sprite import make_sprite

ROOT = Path(settings.BASE_DIR)
VENDOR = ROOT / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "config" / "vendor" / "package-lock.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_the_one_in_the_manifest(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_nothing_is_vendored_beside_the_manifest():
    files = {file.relative_to(VENDOR).as_posix() for file in VENDOR.rglob("*") if file.is_file()}

    assert files == {entry["file"] for entry in MANIFEST} | {"manifest.json"}
    assert files >= {*FILES, SPRITE}


def test_versions_are_those_of_the_lock_file():
    for entry in MANIFEST:
        assert LOCK["packages"][f"node_modules/{entry['package']}"]["version"] == entry["version"]


def test_every_package_comes_with_its_licence():
    licensed = {entry["package"] for entry in MANIFEST if entry["file"].startswith("licences/")}

    assert licensed == {entry["package"] for entry in MANIFEST}
    assert all(entry["licence"] for entry in MANIFEST)


def test_modules_have_the_names_by_which_they_are_imported():
    assert {entry["file"]: entry["module"] for entry in MANIFEST if "module" in entry} == MODULE_NAMES


def test_the_lock_file_names_no_registry():
    text = json.dumps(LOCK)

    assert "resolved" not in text
    assert all("integrity" in package for name, package in LOCK["packages"].items() if name)


def test_no_vendored_script_points_to_a_source_map():
    assert not [file.name for file in VENDOR.glob("*.js") if b"sourceMappingURL" in file.read_bytes()]


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / SPRITE).read_text(encoding="utf-8")))

    assert _icons_in_templates() | _icons_in_scripts() <= sprite


def _icons_in_templates() -> set[str]:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "templates").rglob("*.html"))
    return set(re.findall(r'{%\s*icon "([^"]+)"', text))


def _icons_in_scripts() -> set[str]:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "static" / "js").rglob("*.js"))
    return set(re.findall(r'\b(?:icon|iconButton)\("([^"]+)"', text)) | set(re.findall(r'\bname: "([a-z-]+)"', text))


def test_a_sprite_holds_each_icon_as_a_symbol(tmp_path):
    (tmp_path / "dot.svg").write_text('<svg width="24">\n  <path d="M1 1" />\n</svg>\n')

    assert '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1" /></symbol>' in make_sprite(tmp_path, ["dot"])


def test_a_file_that_is_no_svg_is_refused(tmp_path):
    (tmp_path / "dot.svg").write_text("hello")

    with pytest.raises(ValueError, match=r"dot\.svg"):
        make_sprite(tmp_path, ["dot"])


def test_a_package_is_the_first_part_of_a_path_or_two_with_a_scope():
    assert package_of("markdown-it/dist/x.mjs") == "markdown-it"
    assert package_of("@scope/name/files/x.woff2") == "@scope/name"
