"""Built-in tools by name."""

import pytest

from agents.runtime.errors import ConfigurationError
from agents.tools import registry
from agents.tools.documents import DocumentIndex


def test_a_tool_takes_the_wording_it_is_given():
    tool = registry.make("llm-math", name="Sums", description="Adds.", timeout_s=5, max_output=10)
    assert (tool.name, tool.description, tool.timeout_s, tool.max_output) == ("Sums", "Adds.", 5, 10)


def test_what_is_not_given_stays():
    tool = registry.make("documents-search", documents=DocumentIndex([]))
    assert (tool.name, tool.input_kind, tool.volatile) == ("Search", "text", False)


def test_an_unknown_tool_is_refused_with_the_known_ones():
    with pytest.raises(ConfigurationError, match="llm-math, documents-search, documents-lookup"):
        registry.make("calculator")


def test_search_without_a_collection_is_refused():
    with pytest.raises(ConfigurationError, match="needs a document collection"):
        registry.make("documents-search", name="Search")
