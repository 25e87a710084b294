"""Numbers as people and models write them."""

import pytest

from agents.runtime.answers import canonical, extract, parse_output
from agents.runtime.answers.numbers import first_number, last_number, numbers

NUMBER = parse_output({"kind": "number"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.5"),
        ("1,234,567.", "1234567"),
        ("1,00,000", "100000"),
        ("1'234'567.5", "1234567.5"),
        ("1’234", "1234"),
        ("1\u00a0234", "1234"),
        ("1\u202f234,5", "1234.5"),
        ("12 000 km", "12000"),
        ("1 234", "1234"),
        ("1 234 567 people", "1234567"),
        ("1 234,56 in all", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1.234", "1.234"),
        ("0,125", "0.125"),
        ("12,5 %", "12.5"),
        ("€12,50", "12.5"),
        ("2,50", "2.5"),
        ("-US$5", "-5"),
        ("$-5", "-5"),
        ("USD5", "5"),
        ("EUR 1.234,56", "1234.56"),
        ("Rs.500", "500"),
        ("₹1,00,000 rupees", "100000"),
        ("18.", "18"),
        ("20 %", "20"),
        ("15km", "15"),
        ("−5 °C", "-5"),
        ("+5", "5"),
        (".50", "0.5"),
        ("007", "7"),
        ("1e3", "1000"),
        ("1.5 × 10^3", "1500"),
        (r"1.5 \times 10^{-3}", "0.0015"),
        ("1/3", "1/3"),
        ("-2 / 6", "-1/3"),
        ("1 1/2 cups", "1.5"),
        ("-1 1/2", "-1.5"),
        ("1½", "1.5"),
        ("-½", "-0.5"),
        ("⅓ of it", "1/3"),
        (r"\frac{3}{4}", "0.75"),
        (r"\dfrac{1}{2}", "0.5"),
        (r"\frac12", "0.5"),
        (r"-\tfrac{7}{2}", "-3.5"),
        (r"2\frac{3}{4}", "2.75"),
        (r"\$1{,}234", "1234"),
        (r"1\,234\,567", "1234567"),
        (r"\(12\%\)", "12"),
        (r"\text{about } 5\text{ km}", "5"),
        (r"\left(7\right)", "7"),
        ("10^3", "1000"),
        ("10^{-2}", "0.01"),
        ("2**10", "1024"),
        ("-2^2", "-4"),
        ("1.5^2", "2.25"),
        ("25 m^2", "25"),
        ("25 cm^{2}", "25"),
        ("1_000_000", "1000000"),
        ("$1.5 million", "1500000"),
        ("2-billion", "2000000000"),
        ("€12,500 Thousand", "12500000"),
        ("about 3 millions", "3"),
    ],
)
def test_one_number_is_read(text, value):
    assert list(numbers(text)) == [value]
    assert canonical(value, NUMBER) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3,4 or 5", ["3", "4", "5"]),
        ("(3,4)", ["3", "4"]),
        ("[0,1]", ["0", "1"]),
        ("1,2,3", ["1", "2", "3"]),
        ("100 200 300", ["100", "200", "300"]),
        ("7 100 dollar bills", ["7", "100"]),
        ("3 4/2", ["3", "2"]),
        ("in 2024 1/3 of them", ["2024", "1/3"]),
        ("9/11/2001", ["9", "11/2001"]),
        ("3-5", ["3", "5"]),
        ("10–12", ["10", "12"]),
    ],
)
def test_what_may_be_several_numbers_is_not_drawn_together(text, values):
    assert list(numbers(text)) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "x5",
        "H2O",
        "5/0",
        r"\frac{1}{0}",
        "1e999",
        "1e99999999",
        "1" * 500,
        "-",
        r"\sqrt{2}",
        r"3\sqrt{5}",
        "2√3",
        r"\sqrt[3]{7}",
        "9^999",
        "0^-1",
    ],
)
def test_what_is_no_number_is_none(text):
    assert list(numbers(text)) == []


def test_the_last_of_very_many_numbers_is_found_as_the_first_is():
    text = "12 " + "and 13 " * 10_000 + "and 14."

    assert (first_number(text), last_number(text)) == ("12", "14")
    assert last_number("12.5" + "x" * 20_000) == "12.5"


@pytest.mark.parametrize(
    ("output", "text", "value", "shown"),
    [
        ({"kind": "number"}, r"So \[ x = \boxed{\$1{,}234.50} \]", "1234.5", "1234.5"),
        ({"kind": "number"}, r"\boxed{1\frac{1}{2}\text{ cups}}", "1.5", "1.5"),
        ({"kind": "number"}, r"**Answer:** \(42\)", "42", "42"),
        ({"kind": "text"}, r"The answer is \boxed{\text{Paris}}.", "paris", "Paris"),
        ({"kind": "choice"}, r"\boxed{\textbf{(C)}}", "C", "C"),
        ({"kind": "boolean"}, r"\boxed{\text{Yes}}", "yes", "yes"),
        ({"kind": "label", "labels": ["Not spam", "Spam"]}, r"Answer: \text{Not spam}", "Not spam", "Not spam"),
    ],
)
def test_latex_is_dress(output, text, value, shown):
    found = extract(text, parse_output(output))

    assert (found.value, found.shown) == (value, shown)
