"""Numbers as people and models write them, brought to one exact form."""

import re
from fractions import Fraction

# Longer ones are noise, and exponents beyond this would fill the memory when written out.
MAX_LENGTH = 100
MAX_EXPONENT = 400

_DECIMAL = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+"
_MINUS = r"(?:(?<![\w)])[-−–+])?"
NUMBER = re.compile(
    rf"(?P<sign>{_MINUS})[$€£¥]?(?P<sign_inside>{_MINUS})"
    rf"(?:\\[dt]?frac\{{(?P<over>[-−–]?(?:{_DECIMAL}))\}}\{{(?P<under>{_DECIMAL})\}}"
    rf"|(?<![A-Za-z_\d])(?P<decimal>{_DECIMAL})(?:\s?/\s?(?P<divisor>{_DECIMAL})(?![\s]?/))?)"
)


def numbers(text: str) -> list[str]:
    """All numbers of a text in canonical form: an exact decimal, else a reduced fraction."""
    return [canonical_number(value) for match in NUMBER.finditer(text) if (value := _value(match)) is not None]


def _value(match: re.Match[str]) -> Fraction | None:
    value = _decimal(match["decimal"] or match["over"])
    divisor = _decimal(match["divisor"] or match["under"] or "1")
    if value is None or divisor is None:
        return None
    if divisor:
        value /= divisor
    negative = (match["sign"] + match["sign_inside"]).strip("+") != ""
    return -value if negative else value


def _decimal(text: str) -> Fraction | None:
    plain = text.replace(",", "").replace("−", "-").replace("–", "-").lower()
    exponent = plain.partition("e")[2]
    if len(plain) > MAX_LENGTH or (exponent and abs(int(exponent)) > MAX_EXPONENT):
        return None
    return Fraction(plain)


def canonical_number(value: Fraction) -> str:
    """An exact decimal without trailing zeros where there is one, else a reduced fraction."""
    digits = _decimal_places(value.denominator)
    if digits is None:
        return f"{value.numerator}/{value.denominator}"
    scaled = abs(value.numerator) * 10**digits // value.denominator
    whole, part = divmod(scaled, 10**digits)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


def _decimal_places(denominator: int) -> int | None:
    """How many decimals a fraction with this denominator needs, or None when they never end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
