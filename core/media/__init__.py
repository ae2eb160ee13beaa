"""Pictures, sounds and films: what their bytes are, where they lie, and how an item's field names them."""

from core.media.kinds import FORMATS, MAX_BYTES, MAX_PIXELS, Format, format_of, stranger
from core.media.references import PREFIX, Reference, is_reference, parse_reference
from core.media.store import MediaStore

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "PREFIX",
    "Format",
    "MediaStore",
    "Reference",
    "format_of",
    "is_reference",
    "parse_reference",
    "stranger",
]
