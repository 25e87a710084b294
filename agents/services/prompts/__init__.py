"""Changing and finding prompts: the names that the rest of the project uses."""

from agents.services.prompts.content import PromptProblems, content_of, hash_of
from agents.services.prompts.conversion import conversion_of, convert_draft
from agents.services.prompts.differences import Change, Diff, Line, Setting, differences
from agents.services.prompts.files import ImportedPrompt, export_prompt, import_prompt
from agents.services.prompts.includes import includers_of, pin_includes
from agents.services.prompts.labels import MOVE_PROTECTED, may_move, move_label, protect_label
from agents.services.prompts.references import UnknownPrompt, latest_published, resolve
from agents.services.prompts.versions import (
    DraftChanged,
    create_draft,
    create_prompt,
    discard_draft,
    publish_version,
    save_draft,
)

__all__ = [
    "MOVE_PROTECTED",
    "Change",
    "Diff",
    "DraftChanged",
    "ImportedPrompt",
    "Line",
    "PromptProblems",
    "Setting",
    "UnknownPrompt",
    "content_of",
    "conversion_of",
    "convert_draft",
    "create_draft",
    "create_prompt",
    "differences",
    "discard_draft",
    "export_prompt",
    "hash_of",
    "import_prompt",
    "includers_of",
    "latest_published",
    "may_move",
    "move_label",
    "pin_includes",
    "protect_label",
    "publish_version",
    "resolve",
    "save_draft",
]
