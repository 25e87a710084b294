"""Search and Lookup over a document collection, as in ReAct (Yao et al., 2022).

The page that was found last lives in the run's state, shared by both tools and made of plain values, so that it can be
part of a checkpoint.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from agents.runtime.tools import InputKind, ToolContext, ToolResult
from agents.tools.documents import Document, DocumentIndex, folded
from agents.tools.errors import failure, problem_of
from agents.tools.sentences import sentences_of

STATE = "docstore"
SUMMARY_SENTENCES = 5
SIMILAR = 5


@dataclass(frozen=True, slots=True)
class Search:
    """Finds the article of that title, else the best one for the words; answers with the start of it."""

    index: DocumentIndex
    name: str = "Search"
    description: str = "Searches an encyclopedia. Input: the name of one person, place or thing."
    timeout_s: float = 10
    max_output: int = 4000
    input_kind: InputKind = "text"
    volatile: bool = False

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        if problem := problem_of(input):
            return failure("bad_input", tool=self.name, reason=problem)
        query = str(input).strip()
        # Beside the loop: in a large collection a search takes longer than other people's streams may wait.
        found = self.index.by_title(query) or await asyncio.to_thread(self._best, query)
        if found is None:
            # The page that was found before stays in place.
            return await asyncio.to_thread(self._not_found, query)
        context.state[STATE] = {"title": found.title, "keyword": "", "next": 0}
        return ToolResult(f"{found.title}: {summary_of(found)}", data={"title": found.title})

    def _best(self, query: str) -> Document | None:
        hits = self.index.search(query, limit=1)
        return hits[0].document if hits else None

    def _not_found(self, query: str) -> ToolResult:
        similar = self.index.similar_titles(query, limit=SIMILAR)
        hint = f" Similar: {', '.join(similar)}." if similar else " Try other or fewer words."
        return ToolResult(f"Could not find {query}.{hint}", error="not_found", data={"similar": similar})


@dataclass(frozen=True, slots=True)
class Lookup:
    """The next sentence with some words, on the page that Search found last."""

    index: DocumentIndex
    name: str = "Lookup"
    description: str = "Finds a word in the article that Search found last. Input: one word or name."
    timeout_s: float = 10
    max_output: int = 4000
    input_kind: InputKind = "text"
    # The same words again give the next sentence.
    volatile: bool = True

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        if problem := problem_of(input):
            return failure("bad_input", tool=self.name, reason=problem)
        state = context.state.get(STATE)
        page = self.index.by_title(state["title"]) if state else None
        if state is None or page is None:
            return ToolResult("Search for a page first.", error="bad_input")
        return _next_sentence(page, str(input).strip(), state)


def summary_of(document: Document) -> str:
    """The first paragraph, at most five sentences of it."""
    first = document.text.strip().split("\n\n")[0]
    return " ".join(sentences_of(first)[:SUMMARY_SENTENCES])


def _next_sentence(page: Document, keyword: str, state: dict[str, Any]) -> ToolResult:
    hits = [sentence for sentence in sentences_of(page.text) if folded(keyword) in folded(sentence)]
    if not hits:
        return ToolResult(f"No results for “{keyword}” on page “{page.title}”.", error="not_found")
    if folded(keyword) != state["keyword"]:
        state.update(keyword=folded(keyword), next=0)
    if state["next"] >= len(hits):
        state["next"] = 0
        return ToolResult("No more results.", error="not_found")
    state["next"] += 1
    return ToolResult(f"(Result {state['next']} / {len(hits)}) {hits[state['next'] - 1]}")
