"""Values as Python prints them: how a list, a set or a NumPy array of labels looks once a program wrote it down."""

import ast
import re
from typing import Any

_WORD_GAP = re.compile(r"(['\"])\s+(?=['\"])")
_NUMBERS = re.compile(r"\[[\s0-9.eE+\-naif]*\]")
_NUMBER_GAP = re.compile(r"(?<=[^\s\[])\s+(?=[^\s\]])")
_PANDAS_NOTHING = re.compile(r"(?<=[\[(,])(\s*)<NA>(?=\s*[\]),])")
_NOTHING = frozenset({"nan", "NaN", "inf", "NaT"})
_CONTAINER = re.compile(r"(?:np\.|numpy\.|torch\.|pd\.)?(?:array|set|frozenset|list|tuple|tensor|Index|deque)\(")
_SCALAR = re.compile(r"""(?:np|numpy)\.[a-z]+[0-9]*_?\(.*\)|b?(?:'[^']*'|"(?:[^"\\]|\\.)*")""")
_CALLED = re.compile(r"array|set|frozenset|list|tuple|tensor|Index|deque|(?:str|bytes|bool|u?int|float)[0-9]*_?|bool_?")


def is_printed_container(text: str) -> bool:
    """Whether it begins like a list, set, tuple, mapping or array that Python has printed."""
    return text[:1] in tuple("[{(") or _CONTAINER.match(text) is not None


def is_printed_scalar(text: str) -> bool:
    """Whether it looks like one value as Python or JSON writes it down: in quotes, bytes, or a number of NumPy."""
    return _SCALAR.fullmatch(text) is not None


def value_of(text: str) -> Any:
    """The value: a list for every list, tuple, set and array, None for nan, NaT and infinities. Nothing is run.

    Raises ValueError for anything else, such as a text in brackets.
    """
    spaced = _WORD_GAP.sub(r"\1, ", _PANDAS_NOTHING.sub(r"\1None", text))
    if _NUMBERS.fullmatch(spaced):
        spaced = _NUMBER_GAP.sub(", ", spaced)
    try:
        body = ast.parse(spaced, mode="eval").body
        if text.startswith("(") and not isinstance(body, ast.Tuple):
            raise ValueError("a text in brackets")
        return _value(body)
    except (SyntaxError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError("not printed by Python") from error


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.Constant(value=bytes() as value):
            return value.decode()
        case ast.List(elts=inner) | ast.Tuple(elts=inner) | ast.Set(elts=inner):
            return [_value(one) for one in inner]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_value(key): _value(one) for key, one in zip(keys, values, strict=True) if key is not None}
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=inner):
            return _signed(sign, _value(inner))
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name) if name in _NOTHING:
            return None
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name), args=inner):
            if _CALLED.fullmatch(name) and len(inner) < 2:
                return _value(inner[0]) if inner else []
    raise ValueError("not printed by Python")


def _signed(sign: ast.unaryop, value: Any) -> Any:
    if not isinstance(value, int | float | None):
        raise ValueError("a sign before no number")
    return -value if value is not None and isinstance(sign, ast.USub) else value
