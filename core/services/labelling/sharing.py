"""Which requests are on their way, and which questions wait for the answer to the very same one. Pure."""

from collections.abc import Iterable, Sequence

from core.services.labelling.work import Work

_CROWD = 5000
"""More questions than this need not wait: a project may well hold a million items of one text."""


class Sharing:
    """One answer may serve several questions: the first is asked, the others wait until it is stored, or failed."""

    def __init__(self) -> None:
        self._going: set[tuple[bytes, int]] = set()
        self._waiting: dict[tuple[bytes, int], list[Work]] = {}
        self._crowd = 0

    @property
    def is_crowded(self) -> bool:
        """Whether so many questions wait that no more should be read."""
        return self._crowd >= _CROWD

    def first_ones(self, questions: Iterable[Work]) -> list[Work]:
        """Those to ask, which then are on their way; the others wait."""
        chosen = []
        for work in questions:
            share = work.share
            if share in self._going:
                self._waiting.setdefault(share, []).append(work)
                self._crowd += 1
            else:
                self._going.add(share)
                chosen.append(work)
        return chosen

    def freed_by(self, settled: Sequence[Work]) -> list[Work]:
        """Those that waited for one of these."""
        freed: list[Work] = []
        for work in settled:
            self._going.discard(work.share)
            if self._waiting:
                freed += self._waiting.pop(work.share, ())
        self._crowd -= len(freed)
        return freed
