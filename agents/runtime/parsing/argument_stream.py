"""What can be shown of a call's JSON while it is being written: for display alone, nothing is decided by it."""

ESCAPES = {"n": "\n", "t": "\t", "r": "", "b": "", "f": ""}
HEX_DIGITS = 4
HIGH_SURROGATES = range(0xD800, 0xDC00)
LOW_SURROGATES = range(0xDC00, 0xE000)


class ArgumentStream:
    """Feed it the JSON text of an object. With a `field`, it shows that field's text, else the object as written.

    What follows the object is never shown.
    """

    def __init__(self, field: str | None = None) -> None:
        self._field = field
        self._depth = 0
        self._over = False
        self._string: _String | None = None
        self._is_key = False
        self._key = ""

    def feed(self, text: str) -> str:
        return "".join(self._character(character) for character in text)

    def _character(self, character: str) -> str:
        if self._over:
            return ""
        shown = self._in_string(character) if self._string else self._between(character)
        return shown if self._field is not None else (character if self._depth or self._over else "")

    def _in_string(self, character: str) -> str:
        string = self._string
        assert string is not None
        read = string.feed(character)
        if string.over:
            self._string = None
        if self._depth == 1 and self._is_key:
            self._key += read
            return ""
        return read if self._depth <= 1 and self._key == self._field else ""

    def _between(self, character: str) -> str:
        match character:
            case '"':
                self._string = _String()
                if self._depth == 0:
                    self._key = self._field or ""  # a bare value stands for its field
            case "{" | "[":
                self._depth += 1
                self._expect_key(self._depth == 1)
            case "}" | "]":
                self._depth -= 1
                self._over = self._depth <= 0
            case ",":
                self._expect_key(self._depth == 1)
            case ":":
                self._is_key = False
        return ""

    def _expect_key(self, expected: bool) -> None:
        if expected:
            self._is_key, self._key = True, ""


class _String:
    """One JSON string after its opening quote, decoded as it comes."""

    def __init__(self) -> None:
        self.over = False
        self._escape: str | None = None
        self._high = 0

    def feed(self, character: str) -> str:
        if self._escape is not None:
            return self._escaped(character)
        if character == "\\":
            self._escape = ""
        elif character == '"':
            self.over = True
        else:
            return character
        return ""

    def _escaped(self, character: str) -> str:
        """The character that an escape stands for, once it is complete."""
        if not self._escape and character != "u":
            self._escape = None
            return ESCAPES.get(character, character)
        self._escape = f"{self._escape}{character}"
        if len(self._escape) <= HEX_DIGITS:
            return ""
        code, self._escape = self._escape[1:], None
        try:
            return self._unicode(int(code, 16))
        except ValueError:
            return ""

    def _unicode(self, code: int) -> str:
        """Characters beyond the first plane come as two escapes; half of one is nothing that could be sent."""
        if code in HIGH_SURROGATES:
            self._high = code
            return ""
        high, self._high = self._high, 0
        if code not in LOW_SURROGATES:
            return chr(code)
        return chr(0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)) if high else ""
