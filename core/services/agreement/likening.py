"""Working out how near texts are in meaning, beside the page: the embedded host is asked, and what it says kept."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread

import numpy as np

from core.errors import WorkbenchError
from core.hosts.embedding import Embedder
from core.metrics.texts.figures import Pair, TextSums
from core.model import Split
from core.services.common.door import door
from core.services.common.likeness import ENCODER, key_of, known
from core.services.common.tables import source_of
from core.services.hosts.connections import Hosts
from core.storage import likenesses
from core.storage.engine import Database

log = logging.getLogger(__name__)

EMBEDDED_HOST = "embedded"
_BUG = "An error in LabelLoop stopped this; the log has the details."
_AT_ONCE = 64
"""Pairs of texts asked about in one go: some seconds of work, after which it is kept."""


@dataclass(frozen=True)
class Likening:
    """Whether somebody is at it, and how far: pairs of texts. `total` is 0 while they are counted. `trouble` is why it
    ended early, in a sentence."""

    is_going: bool
    total: int = 0
    done: int = 0
    trouble: str = ""


@door
class Likenesses:
    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts
        self._lock, self._stop = Lock(), Event()
        self._thread: Thread | None = None
        self._standing = Likening(is_going=False)

    def standing(self) -> Likening:
        """How far what was begun last has come."""
        with self._lock:
            is_going = self._thread is not None and self._thread.is_alive()
            return replace(self._standing, is_going=is_going)

    def work_out(self, project_id: int, reference_id: int, candidate_ids: Sequence[int], split: Split | None) -> None:
        """Begin with what is missing for the cosine of each candidate's texts with the reference's, unless somebody is
        at it already. What is worked out is kept as it comes; no figure is shown by it."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._standing = Likening(is_going=True)
            wanted = (project_id, reference_id, tuple(candidate_ids), split)
            self._thread = Thread(target=self._work, args=wanted, name="labelloop-likenesses", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Leave off after what is being asked just now; what is worked out is kept."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _missing(
        self, project_id: int, reference_id: int, candidate_ids: Sequence[int], split: Split | None
    ) -> list[Pair]:
        found: dict[bytes, Pair] = {}
        with self._db.read() as conn:
            for candidate in dict.fromkeys(candidate_ids):
                if candidate == reference_id:
                    continue
                source = source_of(conn, project_id, reference_id, candidate, split)
                if isinstance(source, TextSums):
                    pairs = source.looked_at
                    open_ = np.flatnonzero(np.isnan(known(conn, pairs)))
                    found |= {key_of(pairs[place]): pairs[place] for place in open_}
        return list(found.values())

    def _work(self, project_id: int, reference_id: int, candidates: tuple[int, ...], split: Split | None) -> None:
        try:
            wanted = self._missing(project_id, reference_id, candidates, split)
            self._standing = Likening(is_going=True, total=len(wanted))
            if wanted:
                self._ask(wanted)
        except WorkbenchError as error:
            self._standing = replace(self._standing, trouble=str(error))
        except Exception:
            log.exception("likenesses of texts met a bug")
            self._standing = replace(self._standing, trouble=_BUG)

    def _ask(self, wanted: Sequence[Pair]) -> None:
        embedder = Embedder(self._hosts.connection(EMBEDDED_HOST), ENCODER)
        try:
            for start in range(0, len(wanted), _AT_ONCE):
                if self._stop.is_set():
                    return
                self._keep(embedder, wanted[start : start + _AT_ONCE])
        finally:
            embedder.close()

    def _keep(self, embedder: Embedder, pairs: Sequence[Pair]) -> None:
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        vectors = dict(zip(texts, embedder.vectors(texts), strict=True))
        cosines = {key_of(pair): float(vectors[pair[0]] @ vectors[pair[1]]) for pair in pairs}
        with self._db.write() as conn:
            likenesses.put(conn, cosines)
        self._standing = replace(self._standing, done=self._standing.done + len(pairs))
