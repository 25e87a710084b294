"""What servers say when they refuse, word for word, and what is learned from it."""

import pytest

from agents.runtime.providers.overflow import sizes
from agents.runtime.providers.refusals import is_about_format, lesson_of

TOOLS = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True}
SCHEMA = {"response_format": {"type": "json_schema"}}
OBJECT = {"response_format": {"type": "json_object"}}
OPENAI = "invalid_request_error "


@pytest.mark.parametrize(
    ("status", "parameter", "text", "sent", "lesson"),
    [
        (400, "", "registry.ollama.ai/library/gemma:2b does not support tools", TOOLS, ("tools", False)),
        (500, "", "500 server_error Unsupported param: tools", TOOLS, ("tools", False)),
        (404, "", "No endpoints found that support tool use.", TOOLS, ("tools", False)),
        (
            400,
            "",
            'BadRequestError "auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
            TOOLS,
            ("tools", False),
        ),
        (400, "tools", "unsupported_parameter 'tools' is not supported with this model.", TOOLS, ("tools", False)),
        (500, "", "500 server_error tools param requires --jinja flag", TOOLS, ("tools", False)),
        (400, "", "`tool calling` is not supported with this model", TOOLS, ("tools", False)),
        (400, "", "Function calling is not supported for this model", TOOLS, ("tools", False)),
        (400, "", "Tools not supported by this model's chat template", TOOLS, ("tools", False)),
        (405, "", "Method not supported: tools", TOOLS, ("tools", False)),
        (400, "", "This model doesn't support tools", TOOLS, ("tools", False)),
        (400, "", "This model isn\u2019t able: function calling isn\u2019t supported", TOOLS, ("tools", False)),
        (400, "", "Function calling is not enabled for models/gemma-3-27b-it", TOOLS, ("tools", False)),
        (501, "", "Tool use is not implemented", TOOLS, ("tools", False)),
        (400, "", "property 'tools' is unsupported", TOOLS, ("tools", False)),
        (400, "", "`tools` and `tool_choice` are not supported", TOOLS, ("tools", False)),
        (422, "", "body -> tools\n  extra fields not permitted (type=value_error.extra)", TOOLS, ("tools", False)),
        (400, "", "Unsupported value: tools[0].type", TOOLS, None),
        (
            422,
            "",
            "[{'type': 'extra_forbidden', 'loc': ['body', 'tools'], 'msg': 'Extra inputs are not permitted'}]",
            TOOLS,
            ("tools", False),
        ),
        (
            422,
            "",
            "[{'loc': ['body', 'tools', 0, 'function', 'strict'], 'msg': 'Extra inputs are not permitted'}]",
            TOOLS,
            None,
        ),
        (400, "", "parallel tool calls are not supported", {"tools": []}, None),
        (400, "tools[0].function.parameters", OPENAI + "Invalid schema for function 'x': not valid", TOOLS, None),
        (400, "", "this model does not support tools", {"stop": ["x"]}, None),
        (400, "", "deepseek-reasoner does not support this tool_choice", TOOLS, ("tool_choice", False)),
        (
            400,
            "parallel_tool_calls",
            "unsupported_parameter Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
            TOOLS,
            ("parallel_tools", False),
        ),
        (400, "", "Conversation roles must alternate user/assistant/user/assistant/...", {}, ("alternate_roles", True)),
        (500, "", "Jinja Exception: System message must be at the beginning.", {}, ("alternate_roles", True)),
        (400, "", "System role not supported", {}, ("system_role", "merge_into_user")),
        (
            400,
            "messages[0].role",
            "unsupported_value 'messages[0].role' does not support 'system' with this model.",
            {},
            ("system_role", "merge_into_user"),
        ),
        (400, "", "Developer instruction is not enabled for models/gemma-3", {}, ("system_role", "merge_into_user")),
        (
            400,
            "",
            OPENAI + "Missing `reasoning_content` field in the assistant message",
            TOOLS,
            ("reasoning_roundtrip", "with_tools"),
        ),
        (400, "", OPENAI + "This response_format type is unavailable now", SCHEMA, ("json_schema", False)),
        (400, "response_format", "unsupported_value", OBJECT, ("json_object", False)),
        (400, "response_format", OPENAI + "invalid_json_schema Invalid schema for response_format 'x'", SCHEMA, None),
        (400, "", "Failed to parse grammar", SCHEMA, None),
        (400, "", OPENAI + "response_format.type must be one of text, json_object", SCHEMA, ("json_schema", False)),
        (
            422,
            "",
            "[{'type': 'literal_error', 'loc': ['body', 'response_format', 'type'], "
            "'msg': \"Input should be 'text' or 'json_object'\", 'input': 'json_schema'}]",
            SCHEMA,
            ("json_schema", False),
        ),
        (422, "", "unknown variant `json_schema`, expected `text` or `json_object`", SCHEMA, ("json_schema", False)),
        (400, "", "'response_format.type' must be 'json_schema' or 'text'", OBJECT, ("json_object", False)),
        (400, "", "'response_format.type' must be 'json_schema' or 'text'", SCHEMA, None),
        (400, "", "Only 'text' and 'json_object' are supported for response_format", SCHEMA, ("json_schema", False)),
        (
            400,
            "response_format",
            "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
            SCHEMA,
            ("json_schema", False),
        ),
        (400, "", "Structured outputs are not enabled for this model", SCHEMA, ("json_schema", False)),
        (400, "", "response_format can't be used with this model", OBJECT, ("json_object", False)),
        (400, "", "messages[0].content should be text", SCHEMA, None),
        (400, "messages", OPENAI + "'messages' must contain the word 'json' to use 'response_format'", OBJECT, None),
        (400, "", "'n' : number must be at most 1", {"n": 5}, ("n", False)),
        (400, "", "Only one completion choice is allowed", {"n": 5}, ("n", False)),
        (400, "", "Invalid input", {"n": 5}, None),
        (
            400,
            "stream",
            "unsupported_value Your organization must be verified to stream this model.",
            {"n": 5},
            ("stream", False),
        ),
        (
            400,
            "temperature",
            "unsupported_value 'temperature' does not support 0 with this model. Only the default (1) is supported.",
            {"temperature": 0},
            ("temperature", False),
        ),
        (422, "", "`temperature` must be strictly positive", {"temperature": 0}, ("temperature_zero", False)),
        (400, "", "temperature must be > 0", {"temperature": 0}, ("temperature_zero", False)),
        (
            422,
            "",
            "[{'loc': ['body', 'temperature'], 'msg': 'Input should be greater than 0'}]",
            {"temperature": 0},
            ("temperature_zero", False),
        ),
        (400, "temperature", "must be between 0.01 and 1", {"temperature": 0}, ("temperature_zero", False)),
        (400, "", "Temperature must be in (0, 2]", {"temperature": 0}, ("temperature_zero", False)),
        (400, "", "temperature can't be zero", {"temperature": 0}, ("temperature_zero", False)),
        (400, "", "top_p must be between 0 and 1; it goes with temperature", {"temperature": 0, "top_p": 3}, None),
        (400, "", "temperature must be > 0", {"temperature": -1}, None),
        (422, "", "body.seed: Extra inputs are not permitted", {"seed": 1}, ("seed", False)),
        (400, "", "Unknown parameter: include_usage", {"stream_options": {}}, ("stream_usage", False)),
        (400, "", "'temperature' must be less than or equal to 2", {"temperature": 3}, None),
        (500, "", "'temperature' is not supported", {"temperature": 0}, None),
    ],
)
def test_a_refusal_is_one_lesson(status, parameter, text, sent, lesson):
    assert lesson_of(status, parameter, text, sent) == lesson


@pytest.mark.parametrize(
    ("status", "parameter", "text", "is_it"),
    [
        (400, "response_format", "No.", True),
        (500, "", "Failed to initialize samplers: failed to parse grammar", True),
        (400, "", "The provided JSON schema contains features not supported by xgrammar.", True),
        (400, "", "Unknown name 'additionalProperties' at 'generation_config.response_schema'", True),
        (400, "tools[0].function.parameters", "Invalid schema for function 'x'", False),
        (400, "", "Too many messages", False),
        (429, "", "Too many requests with a schema", False),
    ],
)
def test_a_refusal_of_a_format_is_known_by_what_it_speaks_of(status, parameter, text, is_it):
    assert is_about_format(status, parameter, text) is is_it


@pytest.mark.parametrize(
    ("fields", "text", "found"),
    [
        (
            {},
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens.",
            (8192, 10000),
        ),
        (
            {},
            "This model's maximum context length is 4,096 tokens. However, you requested 5,000 tokens (4000 in the "
            "messages, 1000 in the completion).",
            (4096, 5000),
        ),
        (
            {},
            "This model's maximum context length is 4096 tokens and your request has 4200 input tokens",
            (4096, 4200),
        ),
        (
            {},
            "The decoder prompt (length 5001) is longer than the maximum model length of 4096. Make sure that",
            (4096, 5001),
        ),
        (
            {},
            "You passed 5001 input tokens and requested 10 output tokens. However, the model's context length is only "
            "4096 tokens",
            (4096, 5001),
        ),
        ({"n_ctx": 512, "n_prompt_tokens": 1234}, "the request exceeds the available context size", (512, 1234)),
        ({}, "request (1234 tokens) exceeds the available context size (512 tokens), try increasing it", (512, 1234)),
        ({}, "Requested tokens (5000) exceed context window of 4096", (4096, 5000)),
        ({}, "prompt is too long: 210000 tokens > 200000 maximum", (200000, 210000)),
        ({}, "context_length_exceeded", (None, None)),
        ({"n_ctx": "many"}, "", (None, None)),
    ],
)
def test_an_overflow_says_how_much_fits(fields, text, found):
    assert sizes(fields, text) == found
