"""Measuring the demo's strategies: what is done stays done, and the table says what was measured."""

import json
import re

import pytest
from django.core.management import CommandError, call_command

from agents import build
from agents.demo import content
from agents.measurements import journal, subjects
from agents.measurements.journal import Line
from agents.measurements.table import table
from agents.runtime.errors import ModelError
from agents.runtime.prompts import parse_prompt
from agents.runtime.scripted import ScriptedLLM
from agents.tools.calculator import calculate

FIRST, SECOND = "624", "5"  # the answers of the first two cases


@pytest.fixture
def measured(monkeypatch, settings, tmp_path, capsys):
    """Run the command with a scripted model; gives what it printed and the lines it kept."""
    settings.LOCAL_MODEL = False
    monkeypatch.setattr("agents.management.commands.measure.DIRECTORY", tmp_path)

    def run(llm, *options):
        async def llm_for(name):
            return llm

        monkeypatch.setattr(build.language_models, "llm_for", llm_for)
        call_command("measure", "strategies", "--cases", "2", "--only", "direct", *options)
        return capsys.readouterr().out, journal.read(tmp_path / "strategies.jsonl")

    run.folder = tmp_path
    return run


def test_each_trial_is_a_line_and_a_second_run_goes_on(measured):
    with pytest.raises(Exception, match="What was measured until then is kept"):
        measured(ScriptedLLM(FIRST, ModelError("auth", "No key.")))
    llm = ScriptedLLM("7")
    out, lines = measured(llm)
    assert [(line.case, line.passed) for line in lines] == [("gsm8k-train-4", True), ("gsm8k-train-37", False)]
    assert len(llm.requests) == 1
    assert "| Direct answer | **1 of 2** | 9% to 91% | 1.0 |" in out
    page = (measured.folder / "strategies.md").read_text()
    assert "| Direct answer | **1 of 2** |" in page
    assert "Model: scripted." in page


def test_a_run_with_nothing_left_asks_nothing(measured):
    measured(ScriptedLLM(FIRST, SECOND))
    llm = ScriptedLLM("7")
    out, _ = measured(llm)
    assert llm.requests == []
    assert "**2 of 2**" in out


@pytest.mark.parametrize("changed", ["model", "prompt"])
def test_rows_of_another_model_or_prompt_are_not_mixed_with_new_ones(measured, monkeypatch, changed):
    measured(ScriptedLLM(FIRST, SECOND))
    llm = ScriptedLLM("7", name="another" if changed == "model" else "scripted")
    if changed == "prompt":
        monkeypatch.setattr(subjects, "digest", lambda *parts: "other")

    with pytest.raises(CommandError, match="--only direct --anew"):
        measured(llm)
    _, lines = measured(llm, "--anew")

    assert [line.extracted for line in lines] == ["7", "7"]
    assert len(llm.requests) == 2


def test_measuring_anew_leaves_the_other_rows(measured):
    measured(ScriptedLLM(FIRST, SECOND))
    measured(ScriptedLLM("x\nAnswer: 7"), "--only", "few-shot-cot")
    _, lines = measured(ScriptedLLM("8"), "--anew")
    assert [(line.subject, line.extracted) for line in lines] == [*[("few-shot-cot", "7")] * 2, *[("direct", "8")] * 2]


def test_errors_are_named_and_not_counted():
    def line(outcome):
        return Line("direct", "a", outcome == "passed", outcome, "", "1", 1.0, 1, 1000, 0, 100, "finished", "m")

    rows = table([line("passed"), line("error"), line("failed")], subjects.STRATEGIES).split("\n")
    assert rows[2] == "| Direct answer (1 errors) | **1 of 2** | 9% to 91% | 1.0 | 1,000 + 100 | $0.21 | 1.0 s |"


@pytest.mark.parametrize("name", subjects.STRATEGIES)
def test_worked_examples_calculate_right(name):
    """An exemplar whose reasoning is wrong but fluent still teaches, and teaches errors."""
    spec = parse_prompt(content.prompt_file(f"math-{name}"))
    for reasoning, answer in worked(spec):
        equations = re.findall(r"([\d+*/ -]+) = (\d+)", reasoning)
        assert equations
        assert all(calculate(left.strip()) == right for left, right in equations)
        assert equations[-1][1] == answer


def worked(spec):
    """Reasoning and answer of each example, and of each turn that shows how a part is answered."""
    yield from ((example.reasoning, example.output) for example in spec.examples)
    for message in spec.messages:
        if message.role == "assistant":
            reasoning, answer = message.content.split("\nAnswer: ")
            yield reasoning, answer.strip()


def test_no_worked_example_is_a_case():
    cases = {case.inputs["input"] for case in subjects.word_problems(100)}
    for name in subjects.STRATEGIES:
        spec = parse_prompt(content.prompt_file(f"math-{name}"))
        assert not cases & {example.inputs["input"] for example in spec.examples}
        assert not any(case in message.content for case in cases for message in spec.messages)


def test_lines_survive_being_written(tmp_path):
    line = Line("pal", "a", True, "passed", "1", "1", 1.5, 2, 3, 0, 4, "finished", "m")
    journal.append(tmp_path / "deep" / "x.jsonl", line)
    assert journal.read(tmp_path / "deep" / "x.jsonl") == [line]
    assert json.loads((tmp_path / "deep" / "x.jsonl").read_text())["seconds"] == 1.5


def test_agents_are_measured_as_the_demo_has_them():
    found = {subject.name: subject for subject in subjects.agents(ScriptedLLM("x"))}
    assert {name: len(subject.cases) for name, subject in found.items()} == {
        "encyclopedia": 20,
        "encyclopedia-docstore": 20,
        "encyclopedia-self-ask": 20,
        "fact-checker": 12,
    }
