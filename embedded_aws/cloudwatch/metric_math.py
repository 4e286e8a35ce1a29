"""Metric math: one value from the values of several metrics in the same period.

The language: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html, without the
functions on several periods or on many metrics at once.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

Value = float | None  # A metric without data in the period has no value, nor has a result computed from it


def _power(base: float, exponent: float) -> Value:
    try:
        return math.pow(base, exponent)
    except (ValueError, OverflowError):  # of zero, too large, or not a real number
        return None


_OPERATORS: Final[dict[type[ast.operator | ast.cmpop], Callable[[float, float], Value]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda dividend, divisor: dividend / divisor if divisor else None,
    ast.Pow: _power,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_LISTS: Final[dict[str, Callable[[list[float]], float]]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}
_NUMBERS: Final[dict[str, Callable[[float], float]]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
_PYTHON_WORDS: Final = {"&&": " and ", "||": " or ", "AND": "and", "OR": "or", "^": "**"}


class MathError(ValueError):
    """The expression is invalid, or uses functions that are not emulated."""


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """Compute an expression for one period from the metrics' values by their ids; None if a value is missing.

    Raises:
        MathError: the expression cannot be computed, whatever the values.
    """
    return _compute(_parse(expression), values)


@cache
def _parse(expression: str) -> ast.expr:
    # The syntax of metric math is Python's, except for a few operators.
    text = re.sub(r"&&|\|\||\^|\bAND\b|\bOR\b", lambda match: _PYTHON_WORDS[match[0]], expression)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise MathError(f"Invalid metrics list: cannot read {expression!r}") from error


def _compute(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return _number(number)
        case ast.Name(id=name) if name in values:
            return _number(values[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _compute_from((operand,), values, lambda number: -number)
        case ast.BinOp(op=sign, left=left, right=right) | ast.Compare(ops=[sign], left=left, comparators=[right]):
            if type(sign) not in _OPERATORS:
                raise MathError(f"Invalid metrics list: the operator {type(sign).__name__} is not emulated")
            return _compute_binary(left, right, values, _OPERATORS[type(sign)])
        case ast.BoolOp(op=sign, values=parts):
            holds = all if isinstance(sign, ast.And) else any
            return _compute_from(parts, values, lambda *numbers: float(holds(numbers)))
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _call(function.upper(), arguments, values)
    raise MathError(f"Invalid metrics list: {ast.unparse(node)!r} is not emulated")


def _compute_binary(
    left: ast.expr, right: ast.expr, values: Mapping[str, Value], compute: Callable[[float, float], Value]
) -> Value:
    """Compute with two operands: a series without data in this period counts as zero if the other has data.

    Source: CloudWatch user guide, "Using metric math", basic arithmetic and comparison. A number is not a series.
    """
    numbers = [_compute(node, values) for node in (left, right)]
    nodes = zip((left, right), numbers, strict=True)
    series = (number for node, number in nodes if any(isinstance(part, ast.Name) for part in ast.walk(node)))
    if None in numbers and all(number is None for number in series):
        return None
    return _number(compute(*(number or 0.0 for number in numbers)))


def _number(result: Value) -> Value:
    """The value of a datapoint; infinite values are none, and cannot be rounded."""
    return float(result) if result is not None and math.isfinite(result) else None


def _compute_from(
    nodes: list[ast.expr] | tuple[ast.expr, ...], values: Mapping[str, Value], compute: Callable[..., Value]
) -> Value:
    numbers = [_compute(node, values) for node in nodes]
    return None if None in numbers else _number(compute(*numbers))


def _call(function: str, arguments: list[ast.expr], values: Mapping[str, Value]) -> Value:
    match function, arguments:
        case "FILL", [series, filler]:
            found = _compute(series, values)
            return _compute(filler, values) if found is None else found
        case "IF", [condition, yes, *no]:
            truth = _compute(condition, values)
            if truth is None:
                return None
            return _compute(yes, values) if truth else (_compute(no[0], values) if no else None)
        case name, [ast.List(elts=items)] if name in _LISTS:
            numbers = [number for item in items if (number := _compute(item, values)) is not None]
            return _number(_LISTS[name](numbers)) if numbers else None
        case name, [number] if name in _NUMBERS:
            return _compute_from((number,), values, _NUMBERS[name])
    raise MathError(f"Invalid metrics list: {function} is not emulated")
