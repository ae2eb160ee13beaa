"""JSON in which no value is lost: a key that an object has twice is noticed."""

import json
from typing import Any


def told(error: json.JSONDecodeError) -> str:
    """What is wrong, without the preposition that some of the messages end in."""
    return error.msg.removesuffix(" at")


class Decoder:
    """Decodes like `json`, and tells of the value decoded last which key one of its objects has twice with different
    values: of those `json` keeps the last in silence."""

    def __init__(self) -> None:
        self.repeated: str | None = None
        self._json = json.JSONDecoder(object_pairs_hook=self._noticed)

    def decode(self, text: str) -> Any:
        """The one value of the text. Raises ValueError and RecursionError as `json` does."""
        self.repeated = None
        return self._json.decode(text)

    def raw_decode(self, text: str, place: int) -> tuple[Any, int]:
        """The value that begins at this place, and where it ends."""
        self.repeated = None
        return self._json.raw_decode(text, place)

    def _noticed(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            # Compared as printed: nan is not equal to itself, and True is equal to 1.
            self.repeated = next((key for key, one in pairs if repr(one) != repr(found[key])), self.repeated)
        return found
