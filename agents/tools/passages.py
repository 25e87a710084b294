"""Short answers to questions from a document collection: the passages that say most about the question's words."""

from dataclasses import dataclass
from typing import Any

from agents.runtime.orphans import in_thread
from agents.runtime.tools import InputKind, ToolContext, ToolResult
from agents.tools.documents import Document, DocumentIndex, words_of
from agents.tools.errors import failure, problem_of
from agents.tools.sentences import sentences_of

SENTENCES = 5


@dataclass(frozen=True, slots=True)
class Passages:
    """Finds the best article for a question; answers with its first sentence and those nearest to the question.

    Unlike Search it keeps no page open, so each question stands for itself, as self-ask's follow-up questions do.
    """

    index: DocumentIndex
    name: str = "Passages"
    description: str = "Answers a short question about one fact from an encyclopedia. Input: the question."
    timeout_s: float = 10
    max_output: int = 4000
    input_kind: InputKind = "text"
    volatile: bool = False

    async def run(self, input: Any, context: ToolContext) -> ToolResult:
        if problem := problem_of(input):
            return failure("bad_input", tool=self.name, reason=problem)
        question = str(input).strip()
        # Beside the loop: in a large collection a search takes longer than other people's streams may wait.
        hits = await in_thread(self._hits, question, tool=self.name)
        if not hits:
            return failure("not_found", query=question)
        return ToolResult(f"{hits[0].title}: {passage_of(hits[0], question)}", data={"title": hits[0].title})

    def _hits(self, question: str) -> list[Document]:
        named = self.index.by_title(question) or next(iter(self.index.meanings(question)), None)
        return [named] if named else [hit.document for hit in self.index.search(question, limit=1)]


def passage_of(document: Document, question: str) -> str:
    """At most five sentences, in their order in the article."""
    sentences = sentences_of(document.text)
    words = set(words_of(question)) - set(words_of(document.title))
    nearness = {place: len(words & set(words_of(sentence))) for place, sentence in enumerate(sentences)}
    best = sorted(range(1, len(sentences)), key=lambda place: (-nearness[place], place))[: SENTENCES - 1]
    return " ".join(sentences[place] for place in sorted((0, *best)) if place < len(sentences))
