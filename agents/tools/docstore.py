"""Search and Lookup over a document collection, as in ReAct (Yao et al., 2022).

The page that was found last lives in the run's state, shared by both tools and made of plain values, so that it can be
part of a checkpoint.
"""

from dataclasses import dataclass
from typing import Any

from agents.runtime.orphans import in_thread
from agents.runtime.tools import InputKind, ToolContext, ToolResult
from agents.tools.documents import Document, DocumentIndex, folded
from agents.tools.errors import failure, problem_of
from agents.tools.sentences import sentences_of

STATE = "docstore"
SUMMARY_SENTENCES = 5
SIMILAR = 5
MEANINGS = 10
REFERS = ("may refer to:", "may also refer to:", "most commonly refers to:", "can refer to:")


@dataclass(frozen=True, slots=True)
class Search:
    """Finds the article of that title, and answers with the start of it.

    Without one it takes the best article for the words, or, with `titles_only`, says which titles are similar, as the
    environment of ReAct does.
    """

    index: DocumentIndex
    name: str = "Search"
    description: str = "Searches an encyclopedia. Input: the name of one person, place or thing."
    timeout_s: float = 10
    max_output: int = 4000
    input_kind: InputKind = "text"
    volatile: bool = False
    titles_only: bool = False

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        if problem := problem_of(input):
            return failure("bad_input", tool=self.name, reason=problem)
        query = str(input).strip()
        page = self.index.by_title(query)
        if page is None and len(meanings := self.index.meanings(query)) > 1:
            return _several(query, [f"{found.title}: {_first_sentence(found)}" for found in meanings])
        # Beside the loop: in a large collection a search takes longer than other people's streams may wait.
        page = page or (meanings[0] if meanings else await in_thread(self._best, query, tool=self.name))
        if page is None:
            # The page that was found before stays in place.
            return await in_thread(self._not_found, query, tool=self.name)
        if listed := listed_in(page):
            return _several(page.title, listed)
        context.state[STATE] = {"title": page.title, "keyword": "", "next": 0}
        return ToolResult(f"{page.title}: {summary_of(page)}", data={"title": page.title})

    def _best(self, query: str) -> Document | None:
        hits = [] if self.titles_only else self.index.search(query, limit=1)
        return hits[0].document if hits else None

    def _not_found(self, query: str) -> ToolResult:
        """Titles that are spelled like it, then those of articles with its words."""
        hits = [hit.document.title for hit in self.index.search(query, limit=SIMILAR)]
        spelled = self.index.similar_titles(query, limit=SIMILAR)
        similar = list(dict.fromkeys((*spelled[:1], *hits, *spelled)))[:SIMILAR]
        hint = f" Similar: [{', '.join(similar)}]." if similar else " Try other or fewer words."
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


def listed_in(document: Document) -> list[str]:
    """The meanings that a page lists, if that is all that it does."""
    first, _, rest = document.text.strip().partition("\n")
    if not first.rstrip().endswith(REFERS):
        return []
    return [line.strip(" *•-\t") for line in rest.splitlines() if line.strip(" *•-\t")]


def _several(query: str, meanings: list[str]) -> ToolResult:
    """A choice instead of a guess. No page is open by it."""
    listed = "\n".join(f"- {meaning}" for meaning in meanings[:MEANINGS])
    return ToolResult(f"{query} has several meanings. Search for one of them:\n{listed}", data={"meanings": meanings})


def _first_sentence(document: Document) -> str:
    return next(iter(sentences_of(document.text)), "")


def _next_sentence(page: Document, keyword: str, state: dict[str, Any]) -> ToolResult:
    hits = [sentence for sentence in sentences_of(page.text) if folded(keyword) in folded(sentence)]
    if folded(keyword) != state["keyword"]:
        state.update(keyword=folded(keyword), next=0)
    if not hits:
        return ToolResult(f'No results for "{keyword}" on page "{page.title}".', error="not_found")
    if state["next"] >= len(hits):
        state["next"] = 0
        return ToolResult("No more results.", error="not_found")
    state["next"] += 1
    return ToolResult(f"(Result {state['next']} / {len(hits)}) {hits[state['next'] - 1]}")
