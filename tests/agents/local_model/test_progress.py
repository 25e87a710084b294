"""What people see of a long transfer."""

import io

from agents.local_model.progress import Console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_a_line_for_each_tenth():
    out = io.StringIO()
    report = Console(out)
    for done in range(0, 101, 5):
        report("Fetching", done * 10**7, 10**9)

    lines = out.getvalue().splitlines()
    assert len(lines) == 11
    assert lines[5] == "Fetching: 50 % of 1.00 GB"


def test_a_terminal_gets_one_line_that_grows():
    out = Terminal()
    report = Console(out, every_s=0)
    report("Fetching", 0, 1000)
    report("Fetching", 500, 1000)
    report("Fetching", 1000, 1000)

    assert out.getvalue().count("\n") == 1
    assert "[##############..............]  50 % of 0.0 MB" in out.getvalue()
