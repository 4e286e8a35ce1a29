"""Filter patterns of CloudWatch Logs, which select the lines that a metric filter counts.

The language: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. Patterns for lines
of columns (``[ip, user, ...]``) are refused, because this project does not use them.
"""

import fnmatch
import json
import operator
import re
from collections.abc import Callable, Iterable
from typing import Final

from embedded_aws.core.context import JsonValue

Matcher = Callable[[str], bool]  # Whether a line matches
_Condition = Callable[[JsonValue], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<regex>%[^%]*%)|(?P<sign>&&|\|\||!=|<=|>=|[=<>(){}])"""
    r"""|(?P<word>[^\s"&|=<>!(){}]+))"""
)
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PatternError(ValueError):
    """The text is not a filter pattern."""


def compile_pattern(pattern: str) -> Matcher:
    """A function that checks whether a line matches. Raises PatternError: the pattern cannot be read."""
    pattern = pattern.strip()
    if pattern.startswith("["):
        raise PatternError("patterns of columns are not emulated")
    return _json_matcher(pattern) if pattern.startswith("{") else _term_matcher(pattern)


def _term_matcher(pattern: str) -> Matcher:
    """All terms, no term that begins with a minus, and at least one of those that begin with a question mark."""
    if pattern.replace(r"\"", "").count('"') % 2:
        raise PatternError("a quotation mark is not closed")
    terms = [match[0] for match in re.finditer(r'[-?]?(?:"[^"]*"|%[^%]+%|\S+)', pattern)]
    optional = [_term(term[1:]) for term in terms if term.startswith("?")]
    excluded = [_term(term[1:]) for term in terms if term.startswith("-")]
    needed = [_term(term) for term in terms if term[0] not in "?-"]

    def matches(line: str) -> bool:
        return (
            all(term(line) for term in needed)
            and not any(term(line) for term in excluded)
            and (not optional or any(term(line) for term in optional))
        )

    return matches


def _term(text: str) -> Matcher:
    """A word, a quoted text, or a regular expression between percent signs."""
    if text.startswith("%") and text.endswith("%") and len(text) > 1:
        pattern = _regular_expression(text)
        return lambda line: pattern.search(line) is not None
    word = _unquote(text)
    return lambda line: word in line


def _regular_expression(text: str) -> re.Pattern[str]:
    if wrong := re.search(r"[^A-Za-z0-9:_#=@/;,^$?\[\]{}|\\*+.-]", text.strip("%")):
        raise PatternError(f"{wrong[0]!r} is not supported in a regular expression")
    try:
        return re.compile(text.strip("%"))
    except re.error as error:
        raise PatternError(f"the regular expression cannot be read: {error}") from None


def _unquote(term: str) -> str:
    return term.removeprefix('"').removesuffix('"')


def _json_matcher(pattern: str) -> Matcher:
    condition = _Parser(pattern).parse()

    def matches(line: str) -> bool:
        try:
            return condition(json.loads(line))
        except ValueError:
            return False

    return matches


class _Parser:
    """Parses ``{ $.a = "b" && ($.c NOT EXISTS || $.d > 1) }``; ``&&`` binds closer than ``||``."""

    def __init__(self, pattern: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while position < len(pattern.rstrip()):
            match = _TOKEN.match(pattern, position)
            if match is None:
                raise PatternError(f"cannot read {pattern[position:]!r}")
            self._tokens.append(match[0].strip())
            position = match.end()
        self._tokens.reverse()

    def parse(self) -> _Condition:
        self._expect("{")
        condition = self._any_condition()
        self._expect("}")
        if self._tokens:
            raise PatternError(f"{self._tokens[-1]!r} after the end")
        return condition

    def _peek(self) -> str:
        return self._tokens[-1] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise PatternError("the pattern ends early")
        return self._tokens.pop()

    def _expect(self, token: str) -> None:
        if (found := self._next()) != token:
            raise PatternError(f"{found!r} where {token!r} belongs")

    def _any_condition(self) -> _Condition:
        return self._joined_conditions("||", lambda: self._joined_conditions("&&", self._one, all), any)

    def _joined_conditions(
        self, sign: str, read: Callable[[], _Condition], holds: Callable[[Iterable[bool]], bool]
    ) -> _Condition:
        conditions = [read()]
        while self._peek() == sign:
            self._next()
            conditions.append(read())
        return lambda event: holds(condition(event) for condition in conditions)

    def _one(self) -> _Condition:
        if self._peek() == "(":
            self._next()
            condition = self._any_condition()
            self._expect(")")
            return condition
        selector = self._next()
        if not selector.startswith("$."):
            raise PatternError(f"{selector!r} where a selector belongs")
        return self._test(select_by(selector))

    def _test(self, select: Callable[[JsonValue], list[JsonValue]]) -> _Condition:
        sign = self._next()
        word = sign.upper()
        if word in {"IS", "NOT", "EXISTS"}:
            return self._keyword_condition(word, select)
        if sign not in {"=", "!=", *_COMPARISONS}:
            raise PatternError(f"{sign!r} where a comparison belongs")
        operand = self._next()
        if sign == "!=":
            equal = _equals(operand)
            return lambda event: any(not equal(value) for value in select(event))
        compare = _equals(operand) if sign == "=" else _number_test(_COMPARISONS[sign], operand)
        return lambda event: any(compare(value) for value in select(event))

    def _keyword_condition(self, word: str, select: Callable[[JsonValue], list[JsonValue]]) -> _Condition:
        if word == "NOT":
            if self._next().upper() != "EXISTS":
                raise PatternError("NOT without EXISTS")
            return lambda event: not select(event)
        if word == "EXISTS":
            return lambda event: bool(select(event))
        wanted = {"NULL": None, "TRUE": True, "FALSE": False}
        name = self._next().upper()
        if name not in wanted:
            raise PatternError(f"IS {name}")
        return lambda event: any(value is wanted[name] for value in select(event))


def select_by(selector: str) -> Callable[[JsonValue], list[JsonValue]]:
    """A function that returns the values of a selector such as ``$.a.b[0]``, or none if there is no such place."""
    steps = re.findall(r"\.([^.\[\]]+)|\[(\d+|\*)\]", selector)

    def select(event: JsonValue) -> list[JsonValue]:
        values = [event]
        for name, index in steps:
            values = [found for value in values for found in _step(value, name, index)]
        return values

    return select


def _step(value: JsonValue, name: str, index: str) -> list[JsonValue]:
    if name:
        return [value[name]] if isinstance(value, dict) and name in value else []
    if not isinstance(value, list):
        return []
    return list(value) if index == "*" else value[int(index) : int(index) + 1]


def _equals(operand: str) -> Callable[[JsonValue], bool]:
    if operand.startswith("%"):
        pattern = _regular_expression(operand)
        return lambda value: isinstance(value, str) and pattern.search(value) is not None
    quoted = operand.startswith('"')
    text: str = json.loads(operand) if quoted else operand
    number = None if quoted else _number(text)
    wildcard = re.compile(fnmatch.translate(text.replace("[", "[[]"))) if "*" in text else None

    def equal(value: JsonValue) -> bool:
        if isinstance(value, bool):
            return str(value).lower() == text
        if isinstance(value, int | float):
            return number is not None and float(value) == number
        return isinstance(value, str) and (wildcard.fullmatch(value) is not None if wildcard else value == text)

    return equal


def _number_test(compare: Callable[[float, float], bool], operand: str) -> Callable[[JsonValue], bool]:
    number = _number(operand)
    if number is None:
        raise PatternError(f"{operand!r} is no number")
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and compare(value, number)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
