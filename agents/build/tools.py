"""Tools in an agent's hands: described as plain data, and made from that description."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max

from agents.models import Agent, AgentTool, Document, DocumentCollection
from agents.runtime.errors import ConfigurationError
from agents.runtime.tools import Tool
from agents.tools import registry
from agents.tools.documents import DocumentIndex


def describe_tool(row: AgentTool) -> dict[str, Any]:
    """A tool in an agent's hands, as plain data that can be stored with a run."""
    return {
        "kind": row.tool.kind,
        "builtin": row.tool.builtin,
        "collection": row.tool.collection.slug if row.tool.collection else None,
        "name": row.name or row.tool.name,
        "description": row.description or row.tool.description,
        "timeout_s": row.tool.timeout_s,
        "max_output": row.tool.max_output,
        "return_direct": row.tool.return_direct,
        **({"chain": {"definition": row.tool.chain.definition, "targets": {}}} if row.tool.chain else {}),
    }


def tools_of(agent_type: str, described: Iterable[Mapping[str, Any]]) -> list[Tool]:
    """The tools of an agent. In its own environment ReAct finds an article by its title alone."""
    return [tool_of(one, titles_only=agent_type == Agent.Type.REACT_DOCSTORE) for one in described]


def tool_of(described: Mapping[str, Any], *, titles_only: bool = False) -> Tool:
    if described.get("kind") == "chain":
        from agents.build import chains  # chains are made of agents, which are made of tools

        if "chain" not in described:
            raise ConfigurationError(f"The tool “{described['name']}” needs a chain. Choose one for it.")
        return chains.tool_of(described)
    return registry.make(
        described["builtin"],
        name=described["name"],
        description=described["description"],
        timeout_s=described["timeout_s"],
        max_output=described["max_output"],
        documents=index_of(described["collection"]) if described["collection"] else None,
        titles_only=titles_only,
    )


_indexes: dict[str, tuple[Any, DocumentIndex]] = {}


def index_of(slug: str) -> DocumentIndex:
    """The collection's index, made again only when the collection has changed."""
    collection = DocumentCollection.objects.filter(slug=slug).first()
    if collection is None:
        raise ConfigurationError(f"The document collection “{slug}” is gone. Give the tool another one.")
    newest = Document.objects.filter(collection=collection).aggregate(n=Max("pk"))["n"]
    stamp = (collection.updated_at, newest)
    if slug not in _indexes or _indexes[slug][0] != stamp:
        rows = Document.objects.filter(collection=collection).values_list("title", "text")
        _indexes[slug] = (stamp, DocumentIndex(rows))
    return _indexes[slug][1]
