"""Prompt files of LangChain (`_type: prompt` and `few_shot`, as its `save` wrote them) as ours."""

from collections.abc import Mapping
from typing import Any, Final

from agents.runtime.errors import PromptError
from agents.runtime.templates import fstring

KINDS: Final = ("prompt", "few_shot")


def is_langchain(data: Any) -> bool:
    return isinstance(data, Mapping) and "_type" in data


def from_langchain(data: Mapping[str, Any], *, slug: str) -> dict[str, Any]:
    """The prompt file that says the same. PromptError for what we don't take: other formats, kinds and files.

    LangChain's prompts are one text. It becomes the person's message; of a few-shot prompt the text before the
    examples becomes the system message, with the examples as one block in it.
    """
    kind = data.get("_type")
    if kind not in KINDS:
        raise PromptError("bad_file", f"LangChain prompts of type “{kind}” can't be imported: {', '.join(KINDS)} can.")
    content = _few_shot(data) if kind == "few_shot" else {"messages": [_message("user", _template(data))]}
    variables = [*_names(data, "input_variables"), *(name for name in _partials(data))]
    declared = [
        {"name": name, "default": str(_partials(data)[name])} if name in _partials(data) else {"name": name}
        for name in dict.fromkeys(variables)
    ]
    return {"slug": slug, "format": "fstring", "variables": declared, **content}


def _few_shot(data: Mapping[str, Any]) -> dict[str, Any]:
    _check_format(data)
    inner, examples = data.get("example_prompt"), data.get("examples")
    if not isinstance(inner, Mapping) or not isinstance(examples, list):
        detail = "Its example_prompt and examples must stand in the file itself: put in what the files they name say."
        raise PromptError("bad_file", detail)
    # By convention the last name is the answer's; ours is always called output.
    answer = (_names(inner, "input_variables") or ["output"])[-1]
    prefix = str(data.get("prefix") or "")
    separator = data.get("example_separator")
    return {
        "messages": [*([_message("system", prefix)] if prefix.strip() else []), _message("user", data.get("suffix"))],
        "example": {
            "placement": "system",
            "text": _renamed(_template(inner), answer),
            "separator": separator if isinstance(separator, str) else "\n\n",
        },
        "examples": [_example(number, example, answer) for number, example in enumerate(examples, 1)],
    }


def _example(number: int, example: Any, answer: str) -> dict[str, Any]:
    if not isinstance(example, Mapping) or answer not in example:
        raise PromptError("bad_examples", f"Example {number} is an object with the field {answer}, the answer.")
    return {"inputs": {key: value for key, value in example.items() if key != answer}, "output": example[answer]}


def _template(data: Mapping[str, Any]) -> str:
    _check_format(data)
    text = data.get("template")
    if not isinstance(text, str):
        raise PromptError("bad_file", "Its template must stand in the file itself, as the text “template”.")
    return text


def _check_format(data: Mapping[str, Any]) -> None:
    """A jinja2 template is a program: LangChain ran those of strangers (CVE-2023-36281)."""
    template_format = data.get("template_format", "f-string")
    if template_format != "f-string":
        detail = (
            f"Its template_format is “{template_format}”, and only f-string can be imported: a jinja2 template is a "
            "program. Write it with {name} for each variable."
        )
        raise PromptError("bad_format", detail)


def _renamed(text: str, answer: str) -> str:
    """The example's text with `output` for the answer's name."""
    parts: list[str] = []
    for part in fstring.parse(text).parts:
        if isinstance(part, str):
            parts.append(part.replace("{", "{{").replace("}", "}}"))
        else:
            parts.append("{output}" if part.name == answer else "{" + part.name + "}")
    return "".join(parts)


def _message(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def _names(data: Mapping[str, Any], key: str) -> list[str]:
    names = data.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise PromptError("bad_file", f"“{key}” is a list of names.")
    return names


def _partials(data: Mapping[str, Any]) -> Mapping[str, Any]:
    partials = data.get("partial_variables") or {}
    if not isinstance(partials, Mapping):
        raise PromptError("bad_file", "“partial_variables” is an object with named fields.")
    return partials
