"""The README tells the truth about the settings."""

import re
from pathlib import Path

from config.env import Env

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_table_of_settings_has_each_value_that_can_be_set():
    settings = README.read_text().partition("## Settings")[2].partition("\n## ")[0]

    assert sorted(re.findall(r"^\| `(\w+)` \|", settings, re.MULTILINE)) == sorted(
        name.upper() for name in Env.model_fields
    )
