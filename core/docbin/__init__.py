"""spaCy's DocBin, the file that it trains on, without spaCy: compressed MessagePack of words as numbers.

Shared by reading and writing; nothing of the product is known here.
"""

from core.docbin.document import Document, Marked
from core.docbin.reading import NotADocBin, documents_in, is_docbin
from core.docbin.writing import Writer

__all__ = ["Document", "Marked", "NotADocBin", "Writer", "documents_in", "is_docbin"]
