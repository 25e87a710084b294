"""Numbers as people and models write them, brought to one exact form.

Read are the separators of English (1,234.5), of India (1,00,000), of Switzerland (1'234.5), and of SI and most of
Europe (1 234,5 and 1.234,5), these only where nothing else can be meant: `1.234` is a decimal, and `3,4 or 5` three
numbers. Currency signs and units around a number don't count, nor does the 2 of `m^2`; `1.5 million` and `10^3` are
one number each, and a root that isn't worked out is none.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

from agents.runtime.answers.latex import without_latex

# Longer ones are noise, and exponents beyond this would fill the memory when written out.
MAX_LENGTH = 400
MAX_EXPONENT = 400
TAIL = 2_000  # characters

_END = r"(?=\s?[%€$£¥₹]|[ .!]*(?:\n|\Z))"
_GROUPED = "|".join(
    (
        r"[1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?",
        r"[1-9]\d?(?:,\d{2}){1,6},\d{3}(?!\d)(?:\.\d+)?",
        r"[1-9]\d{0,2}(?:['’\u00a0\u2009\u202f]\d{3}){1,9}(?!\d)(?:\.\d+|,(?!\d{3}(?!\d))\d+)?",
        r"[1-9]\d{0,2}(?:\.\d{3}){1,9},\d+",
        r"[1-9]\d{0,2}(?:\.\d{3}){2,9}(?!\.?\d)",
        r"[1-9]\d{0,2}(?:_\d{3}){1,9}(?!_?\d)(?:\.\d+)?",
        # Ordinary spaces: only where decimals, zeros, the length or the end show that it is one number.
        r"(?<!\d )[1-9]\d{0,2}(?: \d{3}){1,9}(?:\.\d+|,\d{1,2}(?!\d))",
        r"(?<!\d )[1-9]\d{0,2}(?: \d{3}){0,3} 0\d\d(?: \d{3}){0,5}(?! ?\d)",
        r"(?<!\d )[1-9]\d?(?: \d{3}){2,9}(?! ?\d)",
        rf"(?<!\d )[1-9]\d{{0,2}} \d{{3}}{_END}",
        # Decimal commas: with three digits it would be thousands.
        r"0,\d{3,}(?!,?\d)",
        rf"(?<![\d,;(\[{{])(?<![,;] )\d{{1,20}},\d{{1,2}}{_END}",
    )
)
_SEPARATED = rf"(?=\d{{1,20}}[,.'’_\u00a0\u2009\u202f ]\d)(?:{_GROUPED})"
_DECIMAL = rf"(?:{_SEPARATED}|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
_MINUS = r"(?:(?<![\w)])[-−–+])?"
_CURRENCY = r"(?:(?:US|CA|AU|NZ|HK|[ACS])?[$€£¥₹₽₩₪₺฿] ?|\bRs\. ?)?"
_APART = r"(?:(?<![A-Za-z_\d^])(?<!\^\{)|(?<=USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD)|(?<=\bRs)(?!\.))"
NUMBER = re.compile(
    rf"(?P<sign>{_MINUS}){_CURRENCY}(?P<sign_inside>{_MINUS})"
    rf"(?:(?:{_APART}(?P<beside>\d{{1,3}}) ?)?\\[dtc]?frac ?"
    rf"(?:\{{ ?(?P<over>[-−–]?{_DECIMAL}) ?\}}|(?P<digit_over>\d)) ?"
    rf"(?:\{{ ?(?P<under>{_DECIMAL}) ?\}}|(?P<digit_under>\d))"
    rf"|{_APART}(?P<whole>\d{{1,3}})[ \u00a0](?P<part>\d{{1,4}})/(?P<parts>\d{{1,4}})(?![\d/.,]*\d|/)"
    rf"|{_APART}(?P<decimal>{_DECIMAL})"
    rf"(?: ?[×x*·] ?10 ?(?:\^|\*\*) ?\{{?(?P<power>[-−–+]?\d{{1,3}})(?!\d)\}}?"
    rf"|(?:\^|\*\*)\{{?(?P<exponent>[-−–+]?\d{{1,3}})(?!\d)\}}?"
    rf"|[ \u00a0-](?P<scale>(?i:thousand|million|billion|trillion))\b"
    rf"|\s?/\s?(?P<divisor>{_DECIMAL})(?![.,]?\d|\s?/))?)"
)
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_ROOT = re.compile(
    r"(?:\d{1,20} ?[*·]? ?)?"
    r"(?:\\sqrt ?(?:\[\d\] ?)?(?:\{[^{}\n]{0,50}\}|\d)|√ ?(?:\([^()\n]{0,50}\)|[\d.,]{1,50}))"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}")
_VULGAR = re.compile(r"(\d)? ?([¼½¾⅐-⅞])")


def numbers(text: str) -> Iterator[str]:
    """The numbers of a text in canonical form: an exact decimal, else a reduced fraction."""
    plain = _VULGAR.sub(_written_out, _ROOT.sub(" ", without_latex(text))).replace("⁄", "/")
    for match in NUMBER.finditer(plain):
        for value in _values(match):
            if len(number := canonical_number(value)) <= MAX_LENGTH:
                yield number


def first_number(text: str) -> str | None:
    return next(numbers(text), None)


def last_number(text: str) -> str | None:
    """Looked for at the end first: a long reply of nothing but digits takes its time."""
    if len(text) > TAIL and len(found := list(numbers(text[-TAIL:]))) > 1:
        return found[-1]
    return next(reversed(list(numbers(text))), None)


def _written_out(match: re.Match[str]) -> str:
    """`1½` as `1 1/2`."""
    fraction = unicodedata.normalize("NFKC", match[2])
    return f"{match[1]} {fraction}" if match[1] else fraction


def _values(match: re.Match[str]) -> Iterator[Fraction]:
    """The number of a match. A whole number beside a fraction is one with it where the fraction is below 1."""
    negative = (match["sign"] + match["sign_inside"]).strip("+") != ""
    value, whole = _value(match), match["beside"] or match["whole"]
    if value is None:
        return
    if whole and not 0 < value < 1:
        yield Fraction(-int(whole) if negative else int(whole))
        yield value
        return
    value += int(whole or 0)
    yield -value if negative else value


def _value(match: re.Match[str]) -> Fraction | None:
    value = _decimal(match["decimal"] or match["over"] or match["digit_over"] or match["part"])
    divisor = _decimal(match["divisor"] or match["under"] or match["digit_under"] or match["parts"] or "1")
    if value is None or not divisor:
        return None
    if match["exponent"]:
        return _raised(value, int(_with_minus(match["exponent"])))
    power = _SCALES[match["scale"].lower()] if match["scale"] else int(_with_minus(match["power"] or "0"))
    return value / divisor * Fraction(10) ** power


def _raised(base: Fraction, exponent: int) -> Fraction | None:
    """None for what has no value, or one of more digits than anyone means."""
    digits = max(len(str(base.numerator)), len(str(base.denominator)))
    if digits * abs(exponent) > MAX_LENGTH or (not base and exponent < 0):
        return None
    return base**exponent


def _decimal(text: str) -> Fraction | None:
    plain = _separated(_with_minus(text).lower())
    exponent = plain.partition("e")[2]
    if len(plain) > MAX_LENGTH or len(exponent) > 5 or (exponent and abs(int(exponent)) > MAX_EXPONENT):
        return None
    return Fraction(plain)


def _with_minus(text: str) -> str:
    return text.replace("−", "-").replace("–", "-")


def _separated(text: str) -> str:
    """Digits without separators of thousands, and a point before the decimals."""
    text = re.sub(r"['’_\s]", "", text)
    if "," in text and "." in text:
        thousands, point = (",", ".") if text.rfind(".") > text.rfind(",") else (".", ",")
        return text.replace(thousands, "").replace(point, ".")
    if "," in text:
        return text.replace(",", "" if _THOUSANDS.fullmatch(text) and text[0] != "0" else ".")
    return text.replace(".", "") if text.count(".") > 1 else text


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
