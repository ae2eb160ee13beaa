"""As much of MessagePack as a DocBin holds: objects, lists, texts, bytes, numbers, truth values, nothing."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

_DEEPEST = 20
_SIZES = {0: ">B", 1: ">H", 2: ">I", 3: ">Q"}
_SIGNED = {0: ">b", 1: ">h", 2: ">i", 3: ">q"}


def packed(value: Any) -> bytes:
    out = bytearray()
    _pack(value, out)
    return bytes(out)


def _pack(value: Any, out: bytearray) -> None:
    if value is None:
        out.append(0xC0)
    elif isinstance(value, bool):
        out.append(0xC3 if value else 0xC2)
    elif isinstance(value, int):
        out += bytes((value,)) if 0 <= value < 0x80 else struct.pack(">Bq", 0xD3, value)
    elif isinstance(value, float):
        out += struct.pack(">Bd", 0xCB, value)
    elif isinstance(value, str):
        held = value.encode("utf-8", "replace")
        out += struct.pack(">BI", 0xDB, len(held)) + held
    elif isinstance(value, bytes):
        out += struct.pack(">BI", 0xC6, len(value)) + value
    elif isinstance(value, Mapping):
        out += struct.pack(">BI", 0xDF, len(value))
        for key, one in value.items():
            _pack(key, out)
            _pack(one, out)
    elif isinstance(value, Sequence):
        out += bytes((0x90,)) if not value else struct.pack(">BI", 0xDD, len(value))
        for one in value:
            _pack(one, out)
    else:
        raise TypeError(f"no MessagePack of {type(value).__name__}")


def unpacked(held: bytes) -> Any:
    """The value. Raises ValueError where the bytes are none, or are cut off."""
    try:
        value, end = _value(held, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise ValueError("cut off or broken") from error
    if end != len(held):
        raise ValueError("something follows its end")
    return value


def _value(held: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    code = held[at]
    at += 1
    if code < 0x80 or code >= 0xE0:
        return (code if code < 0x80 else code - 0x100), at
    if code < 0x90:
        return _object(held, at, code & 0x0F, depth)
    if code < 0xA0:
        return _list(held, at, code & 0x0F, depth)
    if code < 0xC0:
        return _text(held, at, code & 0x1F)
    return _by_code(held, at, code, depth)


def _by_code(held: bytes, at: int, code: int, depth: int) -> tuple[Any, int]:
    if code in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[code], at
    if code in (0xCA, 0xCB):
        return _number(held, at, ">f" if code == 0xCA else ">d")
    if 0xCC <= code <= 0xCF:
        return _number(held, at, _SIZES[code - 0xCC])
    if 0xD0 <= code <= 0xD3:
        return _number(held, at, _SIGNED[code - 0xD0])
    families = {0xC4: _bytes, 0xD9: _text}
    for first, read in families.items():
        if first <= code <= first + 2:
            size, at = _number(held, at, _SIZES[code - first])
            return read(held, at, size)
    if 0xDC <= code <= 0xDF:
        size, at = _number(held, at, _SIZES[1 + (code - 0xDC) % 2])
        return (_list if code < 0xDE else _object)(held, at, size, depth)
    raise ValueError(f"a value of an unknown kind, 0x{code:02X}")


def _number(held: bytes, at: int, form: str) -> tuple[Any, int]:
    return struct.unpack_from(form, held, at)[0], at + struct.calcsize(form)


def _bytes(held: bytes, at: int, size: int) -> tuple[bytes, int]:
    if at + size > len(held):
        raise ValueError("cut off")
    return held[at : at + size], at + size


def _text(held: bytes, at: int, size: int) -> tuple[str, int]:
    found, at = _bytes(held, at, size)
    return found.decode(), at


def _list(held: bytes, at: int, size: int, depth: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(size):
        one, at = _value(held, at, depth + 1)
        found.append(one)
    return found, at


def _object(held: bytes, at: int, size: int, depth: int) -> tuple[dict[Any, Any], int]:
    found = {}
    for _ in range(size):
        key, at = _value(held, at, depth + 1)
        found[key], at = _value(held, at, depth + 1)
    return found, at
