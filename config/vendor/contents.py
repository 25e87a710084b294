"""Which files of which npm packages stand in static/vendor, under which name."""

FONT_SUBSETS = ("latin", "latin-ext")


def _fonts(family: str, *slants: str) -> dict[str, str]:
    package = f"@fontsource-variable/{family}"
    names = [f"{family}-{subset}-wght-{slant}.woff2" for subset in FONT_SUBSETS for slant in slants]
    return {name: f"{package}/files/{name}" for name in names}


# File in static/vendor → file in node_modules.
FILES = {
    "markdown-it.js": "markdown-it/dist/browser/markdown-it.esm.min.mjs",
    "dompurify.js": "dompurify/dist/purify.es.mjs",
    "highlight.js": "@highlightjs/cdn-assets/es/highlight.min.js",
    **_fonts("schibsted-grotesk", "normal", "italic"),
    **_fonts("geist-mono", "normal"),
}

# File in static/vendor made from one package's SVG files; the icons are named in icons.txt.
SPRITE = "icons.svg"
SPRITE_PACKAGE = "lucide-static"

# File in static/vendor → the name by which modules import it (the import map takes it from the manifest).
MODULE_NAMES = {"markdown-it.js": "markdown-it", "dompurify.js": "dompurify", "highlight.js": "highlight"}


def package_of(source: str) -> str:
    """`@scope/name/dist/x.js` → `@scope/name`."""
    parts = source.split("/")
    return "/".join(parts[:2]) if source.startswith("@") else parts[0]
