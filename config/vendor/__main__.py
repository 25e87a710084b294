"""`python -m config.vendor`: fill static/vendor from the npm lock file. Needs npm; the result is committed."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from config.vendor.contents import FILES, MODULE_NAMES, SPRITE, SPRITE_PACKAGE, package_of
from config.vendor.sprite import make_sprite

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
TARGET = HERE.parent.parent / "static" / "vendor"

# Manifest storage would look for the map beside the file, and stop at its absence.
SOURCE_MAP = re.compile(rb"^\s*(//[#@]|/\*[#@])\s*sourceMappingURL=.*$", re.MULTILINE)


def main() -> None:
    subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=True)  # noqa: S607
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "licences").mkdir(parents=True)

    entries = [_copy(name, source) for name, source in sorted(FILES.items())]
    entries.append(_write_sprite())
    entries += [_copy_licence(package) for package in sorted({entry["package"] for entry in entries})]
    manifest = json.dumps(entries, indent=2, ensure_ascii=False)
    (TARGET / "manifest.json").write_text(manifest + "\n", encoding="utf-8")
    print(f"{len(entries)} files in {TARGET.relative_to(TARGET.parent.parent)}")


def _copy(name: str, source: str) -> dict[str, Any]:
    content = (MODULES / source).read_bytes()
    if name.endswith(".js"):
        content = SOURCE_MAP.sub(b"", content)
    return _write(name, content, package_of(source))


def _write_sprite() -> dict[str, Any]:
    names = (HERE / "icons.txt").read_text(encoding="utf-8").split()
    return _write(SPRITE, make_sprite(MODULES / SPRITE_PACKAGE / "icons", names).encode(), SPRITE_PACKAGE)


def _copy_licence(package: str) -> dict[str, Any]:
    name = package.removeprefix("@").replace("/", "-")
    content = (MODULES / package / "LICENSE").read_bytes()
    return _write(f"licences/{name}.txt", content, package)


def _write(name: str, content: bytes, package: str) -> dict[str, Any]:
    (TARGET / name).write_bytes(content)
    about = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
    module = {"module": MODULE_NAMES[name]} if name in MODULE_NAMES else {}
    return {
        "file": name,
        **module,
        "package": package,
        "version": about["version"],
        "licence": about["license"],
        "sha256": hashlib.sha256(content).hexdigest(),
    }


if __name__ == "__main__":
    main()
