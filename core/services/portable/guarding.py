"""No key leaves with an export: what is written is looked through for every key there is now."""

from collections.abc import Iterable
from io import BufferedIOBase
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.hosts.secrecy import Hider
from core.portable.bundle import Part

_AT_ONCE = 2**16


class _Guarded(BufferedIOBase):
    """What a part is written to: in whole lines, without a key. Raises `WorkbenchError` where one is in a part that may
    not be changed."""

    def __init__(self, out: BinaryIO, hiders: Iterable[Hider], exact: str) -> None:
        self._out, self._hiders, self._exact = out, list(hiders), exact
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += bytes(data)
        if len(self._waiting) > _AT_ONCE and (end := self._waiting.rfind(b"\n") + 1):
            self._pass_on(bytes(self._waiting[:end]))
            del self._waiting[:end]
        return len(bytes(data))

    def finish(self) -> None:
        self._pass_on(bytes(self._waiting))
        self._waiting.clear()

    def _pass_on(self, data: bytes) -> None:
        for hider in self._hiders:
            hidden = hider.data(data)
            if self._exact and hidden is not data:
                text = f"The key of a host is in {self._exact}, which is exported as it was sent."
                raise WorkbenchError(text, "Remove it from the data, or change the key at the host.")
            data = hidden
        self._out.write(data)


def guarded(part: Part, hiders: Iterable[Hider], *, exact: bool) -> Part:
    """The part without any key; `exact` for one whose every byte counts."""

    def write(out: BinaryIO) -> None:
        through = _Guarded(out, hiders, part.name if exact else "")
        part.write(through)  # type: ignore[arg-type]
        through.finish()

    return Part(part.name, write)
