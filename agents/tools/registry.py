"""The tools that are built in, by name: the one list that a new tool is added to."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from agents.runtime.errors import ConfigurationError
from agents.runtime.tools import Tool
from agents.tools.docstore import Lookup, Search
from agents.tools.documents import DocumentIndex
from agents.tools.llm_math import Calculator
from agents.tools.passages import Passages

BUILTINS: Final[Mapping[str, Callable[..., Tool]]] = MappingProxyType(
    {
        "llm-math": Calculator,
        "documents-search": Search,
        "documents-lookup": Lookup,
        "documents-passages": Passages,
    }
)
NEEDS_DOCUMENTS: Final = frozenset({"documents-search", "documents-lookup", "documents-passages"})


def make(
    builtin: str,
    *,
    name: str = "",
    description: str = "",
    timeout_s: float | None = None,
    max_output: int | None = None,
    documents: DocumentIndex | None = None,
    titles_only: bool = False,
) -> Tool:
    """The tool of that name, in the given wording; what is not given stays as the tool has it.

    `titles_only`: a search for documents finds titles, and says which are similar instead of taking the best hit.
    """
    if builtin not in BUILTINS:
        raise ConfigurationError(f"There is no built-in tool “{builtin}”. There are: {', '.join(BUILTINS)}.")
    if builtin in NEEDS_DOCUMENTS and documents is None:
        raise ConfigurationError(f"The tool “{name or builtin}” needs a document collection. Choose one for it.")
    wording = {"name": name, "description": description, "timeout_s": timeout_s, "max_output": max_output}
    given: dict[str, Any] = {key: value for key, value in wording.items() if value}
    if builtin == "documents-search":
        given["titles_only"] = titles_only
    return BUILTINS[builtin](documents, **given) if builtin in NEEDS_DOCUMENTS else BUILTINS[builtin](**given)
