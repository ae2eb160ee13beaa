"""How an item's field names a file: `media:<SHA-256 of its bytes>.<extension by what they are>`.

So what identifies an item covers the bytes of its files, and the same file is the same text in every project.
"""

from dataclasses import dataclass

from core import content
from core.media.kinds import FORMATS, Format

PREFIX = content.MEDIA


@dataclass(frozen=True)
class Reference:
    """A stored file; `str` of it is what the field holds."""

    sha256: str
    extension: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.sha256}.{self.extension}"

    @property
    def format(self) -> Format:
        return FORMATS[self.extension]

    @property
    def file(self) -> str:
        """What the stored file is called."""
        return f"{self.sha256}.{self.extension}"


def parse_reference(text: str) -> Reference | None:
    """The reference that a field holds and nothing besides; None for any other text."""
    if not content.is_reference(text):
        return None
    sha256, _, extension = text.removeprefix(PREFIX).partition(".")
    return Reference(sha256, extension) if extension in FORMATS else None


def is_reference(text: str) -> bool:
    """Whether the text is a reference and nothing besides."""
    return parse_reference(text) is not None
