"""Exact arithmetic on text: an evaluator of its own over Python's syntax tree.

Models and people write the input, so nothing of it is ever executed: the tree is walked, every node that is not
arithmetic is refused, and the size of a result is bounded before it is computed, so no input takes long. Libraries
that evaluate expressions were rejected: they call `eval` behind a filter, hang on `9**9**9`, or print few digits.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

Number = Fraction | float

MAX_CHARACTERS: Final = 500
MAX_NODES: Final = 200
MAX_BITS: Final = 13_000  # Python refuses to print integers of more than 4,300 digits.
MAX_LITERAL_EXPONENT: Final = 4_000
MAX_FACTORIAL: Final = 1_000
MAX_COMB: Final = 5_000

CODES: Final = {
    "empty": "there is no expression",
    "too_long": f"the expression is longer than {MAX_CHARACTERS} characters or has too many parts",
    "syntax": "it is not one complete arithmetic expression",
    "not_allowed": "only numbers, + - * / // % **, brackets and functions like sqrt, log, round, max are allowed",
    "unknown_name": "it has a name that is no known function or constant; write numbers in place of variables",
    "division_by_zero": "it divides by zero",
    "domain": "a function got a number for which it has no real value",
    "too_large": "a number in it gets too large",
}


class CalculationError(ValueError):
    """An input without a result; `code` is one of CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(CODES[code])
        self.code = code


def calculate(text: str) -> str:
    """The value of one expression: integers and terminating decimals in full, other values with 15 digits."""
    return show(evaluate(text))


def evaluate(text: str) -> Number:
    if len(text) > MAX_CHARACTERS:
        raise CalculationError("too_long")
    source = normalise(text)
    if not source:
        raise CalculationError("empty")
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise CalculationError("syntax") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise CalculationError("too_long")
    try:
        return _value(tree.body, source)
    except ZeroDivisionError:
        raise CalculationError("division_by_zero") from None
    except OverflowError:
        raise CalculationError("too_large") from None
    except RecursionError:
        raise CalculationError("too_long") from None


def show(value: Number) -> str:
    if isinstance(value, Fraction):
        return _show_exact(value)
    return _show_float(value)


# What people and models write → what the parser reads.

_SIGNS: Final = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "⁄": "/", "²": "**2", "³": "**3"}
)
_NUMBER: Final = r"(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_FENCE: Final = re.compile(r"\A```[\w-]*[ \t]*\n?(.*?)\n?```\Z", re.DOTALL)
_THOUSANDS: Final = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])")
_ROOT: Final = re.compile(rf"√\s*({_NUMBER}|[A-Za-z]\w*)")
# A per cent sign is modulo when something to calculate with follows, as in 100 % 7.
_PERCENT: Final = re.compile(r"%(?!\s*[\w.(√$])")
_PERCENT_OF: Final = re.compile(r"%\s*of\b", re.IGNORECASE)
_MOD: Final = re.compile(r"\bmod\b(?!\s*\()", re.IGNORECASE)


def normalise(text: str) -> str:
    """The expression in Python's syntax."""
    text = text.strip()
    if fenced := _FENCE.match(text):
        text = fenced[1].strip()
    text = text.strip("`").rstrip("=? \t\n").translate(_SIGNS).replace("^", "**")
    text = re.sub(r"\$\s*(?=[\d.])", "", text)
    text = _without_thousands_commas(text)
    text = _ROOT.sub(r"sqrt(\1)", text).replace("√", "sqrt")
    text = _PERCENT_OF.sub("/100*", text)
    text = _MOD.sub("%", text)
    return _PERCENT.sub("/100", _factorials(text)).strip()


def _without_thousands_commas(text: str) -> str:
    """`1,234` is one number, but between the brackets of a call a comma divides arguments."""
    if "," not in text:
        return text
    calls = _spans_of_calls(text)

    def joined(match: re.Match[str]) -> str:
        in_call = any(start < match.start() < end for start, end in calls)
        return match[0] if in_call else match[0].replace(",", "")

    return _THOUSANDS.sub(joined, text)


def _spans_of_calls(text: str) -> list[tuple[int, int]]:
    spans, open_at = [], []
    for index, character in enumerate(text):
        if character == "(":
            open_at.append(index)
        elif character == ")" and open_at:
            start = open_at.pop()
            if re.search(r"[A-Za-z_]\w*\s*\Z", text[:start]):
                spans.append((start, index))
    return spans


def _factorials(text: str) -> str:
    """`n!` as a call, from left to right; `!=` is left for the parser to refuse."""
    while found := re.search(r"!(?!=)", text):
        end = found.start()
        start = _start_of_operand(text, end)
        if start is None:
            raise CalculationError("syntax")
        text = f"{text[:start]}factorial({text[start:end]}){text[end + 1 :]}"
    return text


def _start_of_operand(text: str, end: int) -> int | None:
    before = text[:end].rstrip()
    if not before.endswith(")"):
        operand = re.search(rf"(?:{_NUMBER}|[A-Za-z_]\w*)\Z", before)
        return operand.start() if operand else None
    depth = 0
    for index in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[index], 0)
        if depth == 0:
            name = re.search(r"[A-Za-z_]\w*\Z", before[:index])
            return name.start() if name else index
    return None


# Walking the tree.


def _value(node: ast.expr, source: str) -> Number:
    match node:
        case ast.Constant():
            return _literal(node, source)
        case ast.Name(id=name):
            return _constant(name)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
            value = _value(operand, source)
            return -value if isinstance(sign, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _bounded(_OPERATORS[type(op)](_value(left, source), _value(right, source)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, args, source)
    raise CalculationError("not_allowed")


def _literal(node: ast.Constant, source: str) -> Number:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise CalculationError("not_allowed")
    if isinstance(node.value, int):
        return _bounded(Fraction(node.value))
    # Read from the text, not from the float: 0.1 is one tenth, and 1e400 is a number.
    text = (ast.get_source_segment(source, node) or "").replace("_", "").lower()
    _, _, exponent = text.partition("e")
    if exponent and (len(exponent) > 6 or abs(int(exponent)) > MAX_LITERAL_EXPONENT):
        raise CalculationError("too_large")
    return _bounded(Fraction(text))


def _constant(name: str) -> Number:
    if name not in _CONSTANTS:
        raise CalculationError("unknown_name")
    return _CONSTANTS[name]


def _call(name: str, args: Sequence[ast.expr], source: str) -> Number:
    if name not in _FUNCTIONS:
        # A name that is no word of arithmetic at all is somebody trying something.
        raise CalculationError("not_allowed" if name.startswith("_") else "unknown_name")
    function, least, most = _FUNCTIONS[name]
    if any(isinstance(argument, ast.Starred) for argument in args):
        raise CalculationError("not_allowed")
    if not least <= len(args) <= most:
        raise CalculationError("syntax")
    values = [_value(argument, source) for argument in args]
    try:
        return _bounded(function(*values))
    except (ValueError, TypeError) as error:
        raise error if isinstance(error, CalculationError) else CalculationError("domain") from error


def _bounded(value: Number) -> Number:
    if isinstance(value, complex) or value != value:
        raise CalculationError("domain")
    if isinstance(value, float):
        if math.isinf(value):
            raise CalculationError("too_large")
        return value
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise CalculationError("too_large")
    return value


# Operators: exact as long as both sides are.


def _binary(operation: Callable[..., Number]) -> Callable[[Number, Number], Number]:
    def apply(left: Number, right: Number) -> Number:
        if isinstance(left, Fraction) and isinstance(right, Fraction):
            return Fraction(operation(left, right))
        return float(operation(float(left), float(right)))

    return apply


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if base == 0 and exponent < 0:
            raise CalculationError("division_by_zero")
        if exponent.denominator == 1:
            return _exact_power(base, exponent.numerator)
    if base < 0 and (isinstance(exponent, float) or exponent.denominator != 1):
        raise CalculationError("domain")
    return float(float(base) ** float(exponent))


def _exact_power(base: Fraction, exponent: int) -> Fraction:
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    # Zero, one and minus one don't grow.
    if abs(base) not in (0, 1) and abs(exponent) * bits > MAX_BITS:
        raise CalculationError("too_large")
    if abs(base) == 1:
        return base if exponent % 2 else Fraction(1)
    return Fraction(base**exponent)


_OPERATORS: Final[dict[type[ast.operator], Callable[[Number, Number], Number]]] = {
    ast.Add: _binary(operator.add),
    ast.Sub: _binary(operator.sub),
    ast.Mult: _binary(operator.mul),
    ast.Div: _binary(operator.truediv),
    ast.FloorDiv: _binary(operator.floordiv),
    ast.Mod: _binary(operator.mod),
    ast.Pow: _power,
}

# Functions.


def _integer(value: Number) -> int:
    exact = Fraction(value)
    if exact.denominator != 1:
        raise CalculationError("domain")
    return exact.numerator


def _sqrt(value: Number) -> Number:
    if isinstance(value, Fraction) and value >= 0:
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root == value:
            return root
    return math.sqrt(value)


def _round(value: Number, places: Number = Fraction(0)) -> Number:
    """Halves go away from zero, as people are taught; the value is exact, so 2.675 really is a half."""
    digits = _integer(places)
    if abs(digits) > MAX_LITERAL_EXPONENT:
        raise CalculationError("too_large")
    scale = Fraction(10) ** digits
    scaled = abs(Fraction(value)) * scale
    rounded = Fraction(math.floor(scaled + Fraction(1, 2))) / scale
    return -rounded if value < 0 else rounded


def _log(value: Number, base: Number | None = None) -> Number:
    if value <= 0 or (base is not None and base <= 0):
        raise CalculationError("domain")
    if base is None:
        return _natural_log(value)
    divisor = _natural_log(base)
    if divisor == 0:
        raise CalculationError("domain")
    return _nearly_whole(_natural_log(value) / divisor, value, base)


def _nearly_whole(result: float, value: Number, base: Number) -> Number:
    """log(1000, 10) is 3, not 2.9999999999999996."""
    whole = round(result)
    if abs(result - whole) > 1e-9 or isinstance(value, float) or isinstance(base, float):
        return result
    try:
        return Fraction(whole) if _exact_power(base, whole) == value else result
    except CalculationError:
        return result


def _natural_log(value: Number) -> float:
    exact = Fraction(value)
    return math.log(exact.numerator) - math.log(exact.denominator)


def _factorial(value: Number) -> Number:
    number = _integer(value)
    if number < 0:
        raise CalculationError("domain")
    if number > MAX_FACTORIAL:
        raise CalculationError("too_large")
    return Fraction(math.factorial(number))


def _comb(n: Number, k: Number) -> Number:
    if _integer(n) > MAX_COMB:
        raise CalculationError("too_large")
    return Fraction(math.comb(_integer(n), _integer(k)))


def _float(function: Callable[[float], float]) -> Callable[[Number], Number]:
    return lambda value: function(float(value))


def _sum(*values: Number) -> Number:
    total: Number = Fraction(0)
    for value in values:
        total = _OPERATORS[ast.Add](total, value)
    return total


_MANY: Final = MAX_NODES
_CONSTANTS: Final[dict[str, Number]] = {"pi": math.pi, "e": math.e, "tau": math.tau}
# name → function, fewest and most arguments
_FUNCTIONS: Final[dict[str, tuple[Callable[..., Number], int, int]]] = {
    "sqrt": (_sqrt, 1, 1),
    "abs": (abs, 1, 1),
    "round": (_round, 1, 2),
    "floor": (lambda value: Fraction(math.floor(value)), 1, 1),
    "ceil": (lambda value: Fraction(math.ceil(value)), 1, 1),
    "min": (min, 1, _MANY),
    "max": (max, 1, _MANY),
    "sum": (_sum, 1, _MANY),
    "log": (_log, 1, 2),
    "ln": (lambda value: _log(value), 1, 1),
    "log10": (lambda value: _log(value, Fraction(10)), 1, 1),
    "log2": (lambda value: _log(value, Fraction(2)), 1, 1),
    "exp": (_float(math.exp), 1, 1),
    "sin": (_float(math.sin), 1, 1),
    "cos": (_float(math.cos), 1, 1),
    "tan": (_float(math.tan), 1, 1),
    "asin": (_float(math.asin), 1, 1),
    "acos": (_float(math.acos), 1, 1),
    "atan": (_float(math.atan), 1, 1),
    "radians": (_float(math.radians), 1, 1),
    "degrees": (_float(math.degrees), 1, 1),
    "factorial": (_factorial, 1, 1),
    "comb": (_comb, 2, 2),
    "gcd": (lambda *values: Fraction(math.gcd(*map(_integer, values))), 1, _MANY),
    "lcm": (lambda *values: Fraction(math.lcm(*map(_integer, values))), 1, _MANY),
    "mod": (lambda a, b: _OPERATORS[ast.Mod](a, b), 2, 2),
}

# Writing the result.


def _show_exact(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    places = _places(value.denominator)
    if places is None:
        return _show_ratio(value)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}".rstrip("0")


def _places(denominator: int) -> int | None:
    """How many decimal places the fraction has, or None when they never end."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _show_ratio(value: Fraction) -> str:
    """Fifteen significant digits without a float in between, which could overflow."""
    try:
        return _show_float(float(value))
    except OverflowError:
        exponent = len(str(abs(value.numerator))) - len(str(value.denominator))
        mantissa = float(value / Fraction(10) ** exponent)
        if abs(mantissa) < 1:
            mantissa, exponent = mantissa * 10, exponent - 1
        return f"{mantissa:.15g}e+{exponent}"


def _show_float(value: float) -> str:
    text = f"{value:.15g}"
    return "0" if text == "-0" else text
