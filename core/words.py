"""The words of a text, whatever its script and however it is spelled: what tells whether two texts are the same."""

import unicodedata
from hashlib import blake2b

from core.spelling import visible


class _Blanks(dict[int, str]):
    """For `str.translate`: a blank for each sign that is no letter, digit or mark. Looked up once a sign."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        self[code] = sign if unicodedata.category(sign)[0] in "LMN" else " "
        return self[code]


_BLANKS = _Blanks()


def plain_words(text: str) -> str:
    """The text's words with a blank between them: composed, full width as half, without case, punctuation and what
    shows nothing. Of a text without letters and digits it is the text in that form; empty for an empty one."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text))
    folded = text.casefold()
    return " ".join(folded.translate(_BLANKS).split()) or folded.strip()


def text_key(text: str) -> int:
    """A number that texts of the same words share, and no others as far as anybody will see."""
    digest = blake2b(plain_words(text).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
