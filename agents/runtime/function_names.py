"""Between the names of tools, which people read, and the names of functions, which APIs allow (agents.md B.10)."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from agents.runtime.errors import ConfigurationError
from agents.runtime.parsing.tool_names import DECORATION, LONGEST, plain

MOST_CHARACTERS = 64
KEPT_OF_LONG = 55
HASH_CHARACTERS = 8


class FunctionNames:
    """The two-way map of one agent. Raises ConfigurationError where two tools would get one name."""

    def __init__(self, tools: Iterable[str]) -> None:
        self._functions: dict[str, str] = {}
        self._tools: dict[str, str] = {}
        self._spelled: dict[str, str] = {}
        for tool in tools:
            function = function_name(tool)
            if other := self._tools.get(function):
                raise ConfigurationError(
                    f"The tools {other} and {tool} would both be the function “{function}” to the model: rename one."
                )
            self._functions[tool], self._tools[function] = function, tool
            self._spelled |= {plain(tool): tool, plain(function): tool}

    def function_of(self, tool: str) -> str:
        return self._functions[tool]

    def tool_of(self, function: str) -> str | None:
        """The tool that is meant. Case, spaces, `_`, `-` and a leading `functions.` are forgiven; nothing else is."""
        if tool := self._tools.get(function):
            return tool
        bare = function.strip(DECORATION).removeprefix("functions.")
        return self._spelled.get(plain(bare)) if len(bare) <= LONGEST else None

    @property
    def functions(self) -> tuple[str, ...]:
        return tuple(self._tools)


def function_name(tool: str) -> str:
    """1 to 64 of `a-z0-9_-`: accents are dropped, and a hash stands for letters that have no such form."""
    decomposed = unicodedata.normalize("NFKD", tool.casefold())
    ascii_only = "".join(character for character in decomposed if not unicodedata.combining(character))
    slug = re.sub(r"[^a-z0-9-]+", "_", ascii_only).strip("_-")
    lost = any(character.isalnum() and not character.isascii() for character in ascii_only)
    if lost or not slug:
        slug = f"{slug or 'tool'}_{_hash(tool)}"
    return slug if len(slug) <= MOST_CHARACTERS else f"{slug[:KEPT_OF_LONG]}_{_hash(tool)}"


def _hash(tool: str) -> str:
    return hashlib.sha256(tool.encode(errors="surrogatepass")).hexdigest()[:HASH_CHARACTERS]
