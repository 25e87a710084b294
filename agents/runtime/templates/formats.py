"""Templates by the name of their format."""

from functools import lru_cache
from typing import Literal, get_args

from agents.runtime.templates import fstring, mustache
from agents.runtime.templates.base import Template

Format = Literal["mustache", "fstring"]
FORMATS: tuple[str, ...] = get_args(Format)


@lru_cache(maxsize=512)
def parse_template(text: str, template_format: Format) -> Template:
    """A parsed template; parsed ones are kept, as an evaluation renders the same prompt thousands of times."""
    return mustache.parse(text) if template_format == "mustache" else fstring.parse(text)
