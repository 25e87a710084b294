"""Templates by the name of their format."""

from functools import lru_cache
from typing import Literal, get_args

from agents.runtime.templates import fstring, mustache
from agents.runtime.templates.base import Template

Format = Literal["mustache", "fstring"]
FORMATS: tuple[str, ...] = get_args(Format)

# Reference and text of what a template may include, as pairs: parsed templates are kept by them.
Includes = tuple[tuple[str, str], ...]


@lru_cache(maxsize=512)
def parse_template(text: str, template_format: Format, includes: Includes | None = ()) -> Template:
    """A parsed template; parsed ones are kept, as an evaluation renders the same prompt thousands of times.

    With `includes=None` the syntax alone is read: inclusions stay where they are, and what they would bring is unknown.
    """
    if template_format == "fstring":
        return fstring.parse(text)
    return mustache.parse(text, None if includes is None else dict(includes))
