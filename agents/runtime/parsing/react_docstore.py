"""The protocol of `react-docstore`: Thought, then Action with Search[…], Lookup[…] or Finish[…].

After ReAct (arXiv 2210.03629). The first command wins, and what a model writes behind it is dropped. Brackets are
balanced, so titles and answers may hold some.
"""

from collections.abc import Mapping

from agents.runtime.parsing.commands import IN_LINE, LABELS, Command, CommandName, command_in, name_of
from agents.runtime.parsing.docstore_incremental import DocstoreIncremental
from agents.runtime.parsing.inputs import KEYWORD, unquoted
from agents.runtime.parsing.reply import Reply
from agents.runtime.parsing.reply_grammar import ReplyGrammar
from agents.runtime.parsing.results import AnyResult
from agents.runtime.parsing.sections import SAID
from agents.runtime.parsing.tool_names import DECORATION, means_no_tool
from agents.runtime.text import first_line
from agents.runtime.tools import InputKind


class DocstoreReply(Reply):
    ends_answer = Reply.ends_answer | {"action"}
    final_names = frozenset({"finish"})
    takes_text = True

    def decides(self, index: int) -> AnyResult | None:
        section = self.sections[index]
        if section.label == "command":
            if not index or self.sections[index - 1].label != "action":
                self.flags.add("missing_label")
            return self._command(index)
        if section.label == "action" and not self._is_empty(index) and not means_no_tool(first_line(section.text)):
            return self._command(index)
        if section.label == "final_answer" and not self.answers_again(index):
            return self._final_answer(index)
        return None

    def undecided(self) -> AnyResult:
        return self.json_call(self.text, "") or self._at_the_end() or self._unusable()

    def unknown(self, requested: str, thought: str) -> AnyResult:
        return self.retry("bad_action", thought)

    def _is_empty(self, index: int) -> bool:
        """A label whose command stands on a line of its own."""
        following = self.sections[index + 1].label if index + 1 < len(self.sections) else None
        return following in ("action", "command") and not self.sections[index].text.strip(DECORATION)

    def _final_answer(self, index: int) -> AnyResult:
        command = command_in(self.sections[index].text)
        if command and command.closed and command.name == "Finish":
            return self._command(index)
        self.flags.add("missing_brackets")
        return self.answer(index)

    # --- commands

    def _command(self, index: int) -> AnyResult:
        section, thought = self.sections[index], self.thought(self.sections[:index])
        after = next((n for n in range(index + 1, len(self.sections)) if self._is_label(n)), len(self.sections))
        text = self.text[section.begin : self.sections[after].start if after < len(self.sections) else None]
        command = command_in(text)
        name = command.name if command else name_of(first_line(text))
        if name is None:
            code = "truncated" if self.cut_off and after == len(self.sections) else "bad_action"
            return self.json_call(section.text, thought) or self.retry(code, thought)
        if command is None or (not command.argument and "missing_brackets" in command.flags):
            return self._labelled(name, index, thought)
        self._note_what_follows(text[command.end :], after)
        self.end = section.begin + command.end
        last = not command.closed and after == len(self.sections) and not text[command.end :].strip()
        return self._run(command, thought, last=last)

    def _is_label(self, index: int) -> bool:
        return self.sections[index].label != "command"

    def _labelled(self, name: CommandName, index: int, thought: str) -> AnyResult:
        """Name and argument behind labels of their own, as other agents have them."""
        following = self.sections[index + 1] if index + 1 < len(self.sections) else None
        takes = ("action_input", "final_answer") if name == "Finish" else ("action_input",)
        if following is None or following.label not in takes:
            return self._run(Command(name, "", 0), thought, last=following is None)
        self.flags.add("missing_brackets")
        self._note_what_follows("", index + 2)
        last = index + 2 == len(self.sections)
        self.end = len(self.text) if last else self.sections[index + 2].start
        return self._run(Command(name, following.text, 0), thought, last=last)

    def _run(self, command: Command, thought: str, *, last: bool) -> AnyResult:
        self.flags |= command.flags
        argument = command.argument.strip()
        if "parentheses" in command.flags:
            argument = unquoted(KEYWORD.sub("", argument))[0]
        if command.name == "Finish":
            return self.finish(argument, thought)
        return self.call(command.name, argument, thought, last=last)

    def _note_what_follows(self, rest: str, after: int) -> None:
        """Behind an invented observation everything is invented, which is said once."""
        if rest.strip(DECORATION):
            self.flags.add("dropped_extra_action" if IN_LINE.search(rest) else "trailing_text")
        for index in range(after, len(self.sections)):
            match self.sections[index].label:
                case "observation":
                    self.flags.add("hallucinated_observation")
                    return
                case "action" | "command":
                    self.flags.add("dropped_extra_action")
                case "final_answer":
                    self.flags.add("dropped_final_answer")

    # --- other forms, and none

    def _at_the_end(self) -> AnyResult | None:
        """A command in mid-line counts if the reply ends with it: one that is only talked about doesn't."""
        for section in self.sections:
            if section.label in SAID and (written := IN_LINE.search(section.text)):
                command = command_in(section.text[written.start() :])
                break
        else:
            return None
        if section is not self.sections[-1] or command is None or not command.closed:
            return None
        if section.text[written.start() + command.end :].strip(DECORATION):
            return None
        self.flags.add("missing_label")
        before = self.thought(self.sections[:-1])
        said = section.text[: written.start()].strip(" \t\n*_`")
        return self._run(command, "\n".join(text for text in (before, said) if text), last=False)

    def _unusable(self) -> AnyResult:
        thought = self.thought(self.sections)
        if self.cut_off:
            return self.retry("truncated", thought)
        labels = {section.label for section in self.sections}
        if "action" in labels:
            return self.retry("bad_action", thought)
        return self.retry("missing_action" if "action_input" in labels else "no_label", thought)


class Grammar(ReplyGrammar):
    name = "react-docstore"
    stop = ("\nObservation",)
    labels = LABELS
    reply = DocstoreReply

    def incremental(self, tools: Mapping[str, InputKind] | None = None) -> DocstoreIncremental:
        return DocstoreIncremental(self.parse, self.labels, tools)


parse = Grammar().parse
