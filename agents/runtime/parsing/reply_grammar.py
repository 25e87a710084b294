"""What a grammar can do because it has a class that reads a reply."""

from collections.abc import Mapping

from agents.runtime.parsing.cut import own_words
from agents.runtime.parsing.labels import Labels
from agents.runtime.parsing.reply import Reply
from agents.runtime.parsing.results import AnyResult, Finish
from agents.runtime.tools import InputKind


class ReplyGrammar:
    """The common part of the grammars; see `Grammar` for what each promises."""

    name: str
    stop: tuple[str, ...]
    observation = "Observation: "
    labels: Labels
    reply: type[Reply]

    def parse(
        self, text: str, tools: Mapping[str, InputKind] | None = None, finish_reason: str | None = None
    ) -> AnyResult:
        return self.reply(text, self.labels, tools, finish_reason).result()

    def up_to_action(self, text: str) -> str:
        reply = self.reply(text, self.labels, None, None)
        reply.result()
        return own_words(reply.text, reply.sections, reply.end)

    def before_actions(self, text: str) -> str:
        result = self.parse(text)
        return result.answer if isinstance(result, Finish) else result.thought
