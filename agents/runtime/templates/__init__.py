"""Prompt templates: two strict formats, each with `parse(text) -> Template`."""
