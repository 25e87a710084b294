"""Commands that bring prompts, cases and keys in and out."""

import pytest
from django.core.management import CommandError, call_command

from agents.models import ApiKey, Case, PromptVersion
from agents.services.prompts import import_prompt

pytestmark = pytest.mark.django_db

PROMPT = """\
slug: sums
name: Sums
messages:
- {role: system, content: "Count.\\nSince 2024-01-01."}
- {role: user, content: "{{ question }}"}
examples:
- inputs: {question: "When?"}
  output: 2024-01-01
output: {kind: text}
"""


@pytest.fixture
def prompt_file(tmp_path):
    path = tmp_path / "sums.yaml"
    path.write_text(PROMPT)
    return path


def run(capsys, *args):
    call_command(*map(str, args))
    return capsys.readouterr().out


def refused(*args):
    with pytest.raises(CommandError) as error:
        call_command(*map(str, args))
    assert error.value.returncode == 2
    return str(error.value)


def test_importing_says_which_version_it_made_or_that_nothing_changed(capsys, prompt_file):
    assert run(capsys, "import_prompt", prompt_file) == "sums@1: published as version 1.\n"
    assert run(capsys, "import_prompt", prompt_file) == "sums@1 says the same: nothing changed.\n"
    prompt_file.write_text(PROMPT.replace("Count", "Add"))
    assert run(capsys, "import_prompt", prompt_file) == "sums@2: published as version 2.\n"


def test_dates_in_a_file_are_text(capsys, prompt_file):
    run(capsys, "import_prompt", prompt_file)
    assert PromptVersion.objects.get().examples.get().output == "2024-01-01"


def test_an_export_imports_as_the_same(capsys, prompt_file, tmp_path):
    run(capsys, "import_prompt", prompt_file)
    exported = run(capsys, "export_prompt", "sums@production")
    assert "content: |-\n" in exported
    prompt_file.write_text(exported)
    assert "nothing changed" in run(capsys, "import_prompt", prompt_file)


def test_a_broken_prompt_file_is_refused_with_its_line(prompt_file):
    prompt_file.write_text("slug: sums\nmessages: [\n")
    assert "line 3" in refused("import_prompt", prompt_file)
    prompt_file.write_text(PROMPT.replace("{{ question }}", "{{ question"))
    assert "essage 2" in refused("import_prompt", prompt_file)
    prompt_file.write_text("just a text")
    assert "mapping" in refused("import_prompt", prompt_file)
    prompt_file.write_bytes(b"slug: sums\nname: \xff\n")
    assert "line 2" in refused("import_prompt", prompt_file)
    assert not PromptVersion.objects.exists()


def test_a_prompt_file_of_langchain_is_taken_under_the_name_of_its_file(capsys, tmp_path):
    path = tmp_path / "Company_names.json"
    path.write_text('{\n\t"_type": "prompt", "input_variables": ["product"],\n\t"template": "{product}?\\n{{x}}"\n}')
    assert run(capsys, "import_prompt", path) == "company_names@1: published as version 1.\n"
    version = PromptVersion.objects.get()
    assert (version.format, version.messages) == ("fstring", [{"role": "user", "content": "{product}?\n{{x}}"}])
    path.write_text(path.read_text().replace('"template":', '"template_format": "jinja2", "template":'))
    assert "a jinja2 template is a program" in refused("import_prompt", path)
    path.write_text('{"_type": "prompt",\n}')
    assert "This is not JSON" in refused("import_prompt", path)


def test_a_missing_file_is_named(tmp_path):
    assert "nowhere.yaml" in refused("import_prompt", tmp_path / "nowhere.yaml")


def test_exporting_what_is_not_there_names_what_is(prompt_file):
    import_prompt(data={"slug": "sums", "messages": [{"role": "user", "content": "{{ q }}"}]})
    assert "Prompts: sums" in refused("export_prompt", "products")


def test_importing_cases_counts_them(capsys, tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "inputs": {"q": "?"}}\n{"id": "b", "inputs": {"q": "?"}}\n')
    assert run(capsys, "import_dataset", "sums", path) == "sums: 2 added, 0 changed, 0 unchanged.\n"
    table = tmp_path / "cases.CSV"
    table.write_text("id,q\na,?\nb,!\nc,?\n")
    assert run(capsys, "import_dataset", "sums", table) == "sums: 1 added, 1 changed, 1 unchanged.\n"


def test_a_broken_dataset_line_is_named_and_changes_nothing(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "inputs": {"q": "?"}}\n{"id": "b"\n')
    assert "line 2: This is not JSON" in refused("import_dataset", "sums", path)
    assert not Case.objects.exists()
    assert ".jsonl or .csv" in refused("import_dataset", "sums", tmp_path / "cases.txt")


def test_an_api_key_is_printed_once_and_works(capsys, ada):
    secret = run(capsys, "create_api_key", "ada").strip()
    assert ApiKey.objects.matching(secret).get().user == ada
    assert secret not in str(ApiKey.objects.values().get())


def test_a_key_for_nobody_is_refused(ada):
    assert "Users: ada" in refused("create_api_key", "bob")
