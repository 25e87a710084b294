"""What of a prompt's parameters becomes part of a call."""

from agents.runtime.llm import Message
from agents.runtime.prompts.checks import problems
from agents.runtime.requests import request_for
from agents.runtime.scripted import ScriptedLLM
from tests.agents.runtime.fakes import prompt


def test_no_more_stop_texts_are_sent_than_the_api_takes():
    asked = request_for(
        ScriptedLLM("x"), prompt(parameters={"stop": ["a", "b"]}), [Message("user", "?")], stop=("c", "d", "e")
    )

    assert asked.stop == ("a", "b", "c", "d")


def test_a_prompt_with_more_stop_texts_is_refused():
    found = [p for p in problems(prompt(parameters={"stop": list("abcde")}), provided=["tools"]) if p.level == "error"]

    assert [(problem.code, problem.detail) for problem in found] == [
        ("bad_parameter:stop", "stop has at most 4 texts, as many as the API takes.")
    ]
