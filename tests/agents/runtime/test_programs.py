"""Programs found in replies, and their values as text."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime.programs import program_in, shown, without_noise, written

BODY = "def solution():\n    return 1"


@pytest.mark.parametrize(
    ("reply", "program"),
    [
        (f"```python\n{BODY}\n```", f"{BODY}\n\nsolution()"),
        (f"```\n{BODY}\n```\nThat's it.", f"{BODY}\n\nsolution()"),
        (f"```py\n{BODY}", f"{BODY}\n\nsolution()"),
        (f"Here:\n\n{BODY}\n\nIt returns 1.", f"{BODY}\n\nsolution()"),
        (f"import math\n{BODY}\nDone", f"import math\n{BODY}\n\nsolution()"),
        (f"<think>```python\ndef solution(): return 9\n```</think>{BODY}", f"{BODY}\n\nsolution()"),
        (f"```python\nx = 1\n```\nand\n```python\n{BODY}\n```", f"x = 1\n\n{BODY}\n\nsolution()"),
        ("```python\nanswer = 3 * 4\n```", "answer = 3 * 4\n\nanswer"),
        ("```python\nresult = 1\nanswer = 2\n```", "result = 1\nanswer = 2\n\nanswer"),
        ("```python\nanswer: int = 3 * 4\n```", "answer: int = 3 * 4\n\nanswer"),
        ("1. The program:\n\n   ```python\n   def solution():\n       return 1\n   ```", f"{BODY}\n\nsolution()"),
        ("```json\n{}\n```", None),
        ("```python\nprint(3)\n```", None),
        ("It is 3.", None),
        ("", None),
    ],
)
def test_programs_are_found(reply, program):
    assert program_in(reply) == program


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (0.1 + 0.2, "0.3"),
        (1.1 - 1.0, "0.1"),
        (1.005 * 100, "100.5"),
        (sum([0.1] * 1000), "100"),
        (1 / 3, "0.3333333333333333"),
        (3.14159265358979, "3.14159265358979"),
        (0.1234567891, "0.1234567891"),
        (1e-13, "1e-13"),
        (-0.0, "0"),
        (Decimal("1.50"), "1.50"),
        (Decimal("3.00"), "3"),
        (Decimal("0.30000000000000004"), "0.30000000000000004"),
        (Decimal("1E+999999999"), None),
        (Fraction(1, 3), "1/3"),
        (True, "yes"),
        (" a ", "a"),
        ([1, 2.5, "x"], "1, 2.5, x"),
        ([[1, 2], (3, [4])], "1, 2, 3, 4"),
        (date(2024, 2, 29), "2024-02-29"),
        (None, None),
        ("", None),
        ([], None),
        ([None], None),
        ({"a": 1}, None),
        (float("nan"), None),
        (float("inf"), None),
        pytest.param(2**100_000, None, id="more digits than Python writes"),
    ],
)
def test_values_as_text(value, text):
    assert written(value) == text


@pytest.mark.parametrize(("depth", "text"), [(10, "1"), (11, None), (100_000, None)])
def test_lists_in_lists_are_read_to_a_depth(depth, text):
    value = 1
    for _ in range(depth):
        value = [value]
    assert written(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_taken_for_noise_is_less_than_the_twelfth_digit(value):
    assert without_noise(value) == pytest.approx(value, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("value", "text"), [("0.30000000000000004", "0.3"), ("12", "12"), ("abc", "abc"), ("-0.5", "-0.5"), ("1/3", "1/3")]
)
def test_numbers_are_shown_rounded(value, text):
    assert shown(value) == text


@given(st.text(alphabet=st.sampled_from("`\n pydefsolution():=answr<>/thk "), max_size=300) | st.text(max_size=300))
def test_any_reply_has_a_program_or_none(reply):
    program = program_in(reply)
    assert program is None or program.strip()
