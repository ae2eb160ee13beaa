"""Hosts exist that repeat the key they were called with, in errors and even in answers. It must go no further."""

import re
from collections.abc import Iterable, Iterator

from core.hosts import spellings
from core.hosts.tokens import Span, without

HIDDEN = "[key]"
_SHORTEST = 8
"""Anything shorter is no key, and taking it out would tear ordinary words apart."""
_DEEPEST = 2
"""Codings within each other that are unpacked; one more is known by what it makes of the secret."""
_SHORTEST_LINE = 40
"""Coded text is wrapped at 64 or 76 signs as a rule."""
_LONGEST_LINE = 8 * 1024 * 1024
_OVERLAP = 2**16


_KEY = re.compile(
    # As makers of keys mark them, and any long run of letters and digits that no name has.
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk|gsk|fw|fpk|hf|tgp|nvapi|xai|glpat)[-_.][A-Za-z0-9_\-.]{16,}"
    r"|AIza[A-Za-z0-9_\-]{20,}|eyJ[A-Za-z0-9_\-]{16,})"
)
_RUN = re.compile(r"[A-Za-z0-9]{20,}")


def looks_like_a_key(text: str, *, strictly: bool = False) -> bool:
    """Whether somebody may have put a key into a field that is stored or shown.

    By how the makers of keys mark them; `strictly` also any run of 20 letters and digits with digits among them, which
    no name of a variable has, but many an account's number in an address.
    """
    if any(any(sign.isdigit() for sign in found[0]) for found in _KEY.finditer(text)):
        return True
    return strictly and any(sum(sign.isdigit() for sign in run) >= 2 for run in _RUN.findall(text))


def _is_made_by_a_machine(secret: str) -> bool:
    """Whether nobody writes it by chance, however it is broken up: unlike "not-needed" or "local test"."""
    signs = [sign for sign in secret if sign.isascii() and sign.isalnum()]
    digits = sum(sign.isdigit() for sign in signs)
    is_mixed = len(signs) >= 12 and min(digits, len(signs) - digits) >= 2
    return is_mixed or (len(signs) == len(secret) >= 20 and digits < len(signs))


def _forms(secret: str) -> Iterator[bytes]:
    """What a secret is once it is folded, as it is and coded."""
    data = secret.encode("utf-8", "replace")
    plain = spellings.folded(data)
    if _is_made_by_a_machine(secret):
        yield from (plain, plain[::-1])
    coded = map(spellings.folded, spellings.codings(data))
    yield from (form for form in coded if len(form) >= _SHORTEST)


class Hider:
    """Takes secrets out of whatever a host says, however it spells them: in capitals, backwards, broken up, by number,
    in JSON within JSON, addresses, HTML, hex, base32 and base64, also within each other and where they are part of what
    was coded. A secret that is made of words is looked for as it stands and coded, not broken up, since ordinary text
    may hold its words. What is looked for is worked out once, and a text is gone through a fixed number of times."""

    def __init__(self, *secrets: str) -> None:
        known = sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        self._as_is = tuple(spellings.lowered(one.encode("utf-8", "replace")) for one in known)
        self._folded = tuple(dict.fromkeys(form for one in known for form in _forms(one)))
        self._least = min(map(len, (*self._as_is, *self._folded)), default=0)
        # What is coded once is known by its form; so a run holds what is coded twice, or is a line of it.
        self._least_run = min(min(map(len, known), default=0) * 4 // 3, _SHORTEST_LINE)

    def text(self, text: str) -> str:
        data = text.encode("utf-8", "surrogatepass")
        hidden = self.data(data)
        return text if hidden is data else hidden.decode("utf-8", "surrogatepass")

    def data(self, data: bytes) -> bytes:
        """The same for bytes; what could be read as JSON still can be. Without a secret it is the very same object."""
        spans = sorted(self._spans(data, _DEEPEST)) if self._as_is else []
        return without(data, _apart(spans), HIDDEN.encode()) if spans else data

    def stream(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """`data` for what comes in pieces, wherever it is cut; line by line, as far as lines are not endless."""
        kept = b""
        for chunk in chunks:
            kept += chunk
            end = kept.rfind(b"\n") + 1
            if end:
                yield self.data(kept[:end])
                kept = kept[end:]
            elif len(kept) > _LONGEST_LINE:
                hidden = self.data(kept)
                yield hidden[:-_OVERLAP]
                kept = hidden[-_OVERLAP:]
        yield self.data(kept)

    def _spans(self, data: bytes, depth: int) -> list[Span]:
        """Where in the data there is a secret, in no order; they may overlap."""
        if len(data) < self._least:
            return []
        spans = self._as_they_stand(data)
        if not spellings.spells(data):
            return spans + self._within(data, depth)
        plain = spellings.undone(data)
        if found := self._as_they_stand(plain) + self._within(plain, depth):
            places = spellings.places_undone(data)
            spans += [(places[start], places[end]) for start, end in found]
        return spans

    def _as_they_stand(self, data: bytes) -> list[Span]:
        spans: list[Span] = []
        small = spellings.lowered(data)
        for forms, shown in ((self._as_is, small), (self._folded, spellings.folded(small))):
            if found := [one for form in forms if form in shown for one in _all_of(form, shown)]:
                places = spellings.places(data, letters=shown is not small)
                spans += [(places[start], places[end - 1] + 1) for start, end in found]
        return spans

    def _within(self, data: bytes, depth: int) -> list[Span]:
        """The runs of base64 or hex that hold a secret once they are unpacked."""
        if not depth:
            return []
        packed = spellings.unpacked(data, self._least_run)
        return [(start, end) for start, end, content in packed if self._spans(content, depth - 1)]

    def __repr__(self) -> str:
        return "Hider()"


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Sorted spans, those that overlap made one."""
    apart: list[Span] = []
    for start, end in spans:
        if apart and start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def _all_of(form: bytes, data: bytes) -> Iterator[Span]:
    at = data.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = data.find(form, at + len(form))
