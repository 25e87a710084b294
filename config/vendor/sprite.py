"""One SVG sprite of the icons that the site uses, from a folder of single SVG files."""

import re
from pathlib import Path

_INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def make_sprite(folder: Path, names: list[str]) -> str:
    symbols = "".join(_symbol(folder / f"{name}.svg") for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'


def _symbol(file: Path) -> str:
    found = _INNER.search(file.read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{file.name} is not an SVG file")
    inner = " ".join(found[1].split())
    return f'<symbol id="{file.stem}" viewBox="0 0 24 24">{inner}</symbol>\n'
