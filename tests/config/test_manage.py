"""Django's command line, as an operator meets it first."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_command_before_the_first_start_says_what_to_do(tmp_path):
    apart = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "create_api_key", "ada"]

    ran = subprocess.run(command, cwd=ROOT, env=apart, capture_output=True, text=True, timeout=60)

    assert ran.returncode == 1
    assert ran.stderr.startswith("There is no database yet. `make run` makes it")
    assert "Traceback" not in ran.stderr
