"""The tables of all text protocols: which agent reads them, and with which tools."""

from dataclasses import asdict

import pytest

from tests.agents.runtime.vectors_of import vectors

ZERO_SHOT = "zero-shot-react-description"
DOCSTORE = "react-docstore"
SELF_ASK = "self-ask-with-search"
CONVERSATIONAL = "conversational-react-description"

MANY_TOOLS = {
    "Search": "text",
    "Calculator": "text",
    "Terminal": "text",
    "Open Meteo API": "text",
    "Python REPL": "code",
    "Weather": "schema",
    "Clock": "none",
}
TOOLS = {
    ZERO_SHOT: MANY_TOOLS,
    DOCSTORE: {"Search": "text", "Lookup": "text"},
    SELF_ASK: {"Intermediate Answer": "text"},
    CONVERSATIONAL: MANY_TOOLS,
}
FILES = {
    ZERO_SHOT: "zero_shot_react",
    DOCSTORE: "react_docstore",
    SELF_ASK: "self_ask",
    CONVERSATIONAL: "conversational_react",
}


def cases(*, seen=True):
    """Pairs of an agent type and a case; `seen` takes those that real models wrote, too."""
    return [
        pytest.param(agent_type, case.values[0], id=case.id)
        for agent_type, file in FILES.items()
        for name in (file, f"{file}_seen")[: 2 if seen else 1]
        for case in vectors(name)
    ]


def as_data(result):
    """A result as the tables write it: what is absent is left out."""
    fields = {"kind": result.kind, **asdict(result)}
    fields.pop("problem", None)
    fields["flags"] = list(fields["flags"])
    absent = {"thought": "", "flags": [], "tool": None}
    return {key: value for key, value in fields.items() if key not in absent or value != absent[key]}
