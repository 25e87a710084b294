"""With a model that makes no mistake, each question over two articles is answered, by each agent that can look up."""

import json
import re
from pathlib import Path

import pytest

import agents.demo
from agents.runtime.limits import Limits
from agents.runtime.llm import Reply, TextChunk
from agents.runtime.scripted import ScriptedLLM
from agents.runtime.tokens import estimated_usage
from agents.tools.docstore import Lookup, Search
from agents.tools.documents import DocumentIndex, folded
from agents.tools.passages import Passages
from agents.tools.sentences import sentences_of
from tests.agents.runtime.agents.spoken import DOCSTORE, PROMPT, SELF_ASK, ZERO_SHOT
from tests.agents.runtime.fakes import drain, finished

DATA = Path(agents.demo.__file__).parent / "data"


def rows(name):
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


ARTICLES = {row["title"]: row["text"] for row in rows("docstore")}
INDEX = DocumentIndex(ARTICLES.items())
QUESTIONS = rows("docstore_questions")


class Reader(ScriptedLLM):
    """Reads both articles, looks up what their beginnings don't tell, and answers only from what it was told."""

    def __init__(self, row, speak):
        super().__init__()
        self.row, self.speak = row, speak
        self.searched = []

    async def stream(self, request):
        self.requests.append(request)
        text = self.speak(*self.next_step(request))
        yield TextChunk(text)
        yield Reply(text, "stop", estimated_usage(request, text), self.name)

    def next_step(self, request):
        told = folded("\n".join(message.content for message in request.messages[2:] if message.role == "user"))
        answer = self.row["answer"]
        if folded(answer) in told and len(self.searched) == 2:
            return "finish", answer
        titles = [title for title in self.row["supporting_titles"] if title not in self.searched]
        if titles:
            self.searched.append(titles[0])
            return "search", titles[0]
        return "lookup", self.word_near_the_answer()

    def word_near_the_answer(self):
        """A word of the sentence that has the answer, as a reader might guess it from the question."""
        near = (s for title in self.searched[-1:] for s in sentences_of(ARTICLES[title]) if self.row["answer"] in s)
        return next(iter(re.findall(r"[A-Za-z]{5,}", next(near).replace(self.row["answer"], ""))))


def zero_shot(kind, text):
    if kind == "finish":
        return f"Thought: I know.\nFinal Answer: {text}"
    return f"Thought: t\nAction: {kind.title()}\nAction Input: {text}"


def docstore(kind, text):
    return f"Thought 1: t\nAction 1: {kind.title()}[{text}]"


def self_ask(kind, text):
    return f"So the final answer is: {text}" if kind == "finish" else f"Follow up: {text}"


SPEAKERS = {
    "zero-shot-react-description": (ZERO_SHOT, zero_shot, (Search(INDEX), Lookup(INDEX))),
    "react-docstore": (DOCSTORE, docstore, (Search(INDEX, titles_only=True), Lookup(INDEX))),
    "self-ask-with-search": (SELF_ASK, self_ask, (Passages(INDEX, name="Intermediate Answer"),)),
}


@pytest.mark.parametrize("agent_type", SPEAKERS)
async def test_all_twenty_questions(agent_type):
    spoken, speak, tools = SPEAKERS[agent_type]
    right = []
    for row in QUESTIONS:
        agent = spoken.agent(Reader(row, speak), PROMPT, tools, Limits(max_steps=8))
        end = finished(await drain(agent.run({"input": row["question"]})))
        right.append((end.answer, end.stop_reason) == (row["answer"], "finished"))

    assert sum(right) == len(QUESTIONS) == 20


@pytest.mark.parametrize("row", rows("docstore_claims"), ids=lambda row: row["id"])
async def test_claims_are_judged_by_a_label(row):
    llm = ScriptedLLM("Action 1: Search[Oslo]", f"Action 2: Finish[{row['label']}]")
    agent = DOCSTORE.agent(llm, PROMPT, SPEAKERS["react-docstore"][2])

    assert finished(await drain(agent.run({"input": row["claim"]}))).answer == row["label"]
