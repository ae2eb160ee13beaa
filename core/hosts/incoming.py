"""What the SDK may take in: so much and no more, and nothing of it with a key that the host repeats."""

from collections.abc import Callable
from typing import Any

from core.errors import WorkbenchError
from core.hosts.secrecy import Hider

_MEGABYTE = 1024 * 1024
MOST = 64 * _MEGABYTE
"""Bytes of an answer of the control plane, unpacked; a list of ten thousand models has three million."""


class TooMuch(WorkbenchError):
    """A host's answer has no end, or none that could be meant."""

    def __init__(self, most: int) -> None:
        super().__init__(f"The host's answer is larger than {most // _MEGABYTE} MB and was not read to the end.")


def only_so_much(hider: Hider, most: int = MOST) -> Callable[[Any], None]:
    """A hook for each response: read whole it is at most `most` bytes and holds no secret that `hider` knows.

    Those that are read piece by piece, downloads, are for whoever reads them to bound.
    """

    def hook(response: Any) -> None:
        def read() -> bytes:
            if not hasattr(response, "_content"):
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > most:
                        response.close()
                        raise TooMuch(most)
                response._content = hider.data(bytes(content))
            return bytes(response._content)

        response.read = read

    return hook


def ours_behind(error: BaseException | None) -> WorkbenchError | None:
    """The sentence one of our hooks raised, which the SDK takes for a broken connection; None where there is none."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, WorkbenchError):
            return error
        error, seen = error.__cause__ or error.__context__, seen + 1
    return None
