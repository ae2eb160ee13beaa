"""Embeddings kept by the SHA-256 of their text, so that a second pass over the same items costs milliseconds."""

import hashlib
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

import numpy as np

from core.embedded.encoder import DIMENSIONS, Array

MEMORY = 20_000  # vectors kept in memory: 30 MB
VARIABLES = 500  # per query; SQLite allows 999 in its oldest builds


class EmbeddingCache:
    """Thread-safe, and several processes may share the file. `encode` maps texts to vectors of shape (n, 384)."""

    def __init__(self, path: Path, encode: Callable[[list[str]], Array]) -> None:
        self._path = path
        self._encode = encode
        self._memory: OrderedDict[str, Array] = OrderedDict()
        self._lock = Lock()
        with self._connect() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS embedding (hash BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )

    def embed(self, texts: list[str]) -> Array:
        """Unit vectors of shape (len(texts), 384); encodes what neither memory nor the file knows, each text once."""
        known = self.remembered(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known |= self._load_or_encode(missing)
            self._remember(known)
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, DIMENSIONS), np.float32)

    def remembered(self, texts: Iterable[str]) -> dict[str, Array]:
        """Those of the texts whose vectors are in memory; never touches the disk."""
        with self._lock:
            found = {text: self._memory[text] for text in texts if text in self._memory}
            for text in found:
                self._memory.move_to_end(text)
        return found

    def _load_or_encode(self, texts: list[str]) -> dict[str, Array]:
        hashes = {hash_of(text): text for text in texts}
        with self._connect() as db:
            stored = _select(db, list(hashes))
        found = {hashes[key]: np.frombuffer(blob, dtype="<f4") for key, blob in stored}
        fresh = [text for text in texts if text not in found]
        if fresh:
            vectors = dict(zip(fresh, self._encode(fresh), strict=True))
            rows = [(hash_of(text), vector.astype("<f4").tobytes()) for text, vector in vectors.items()]
            with self._connect() as db:
                db.executemany("INSERT OR IGNORE INTO embedding VALUES (?, ?)", rows)
            found |= vectors
        return found

    def _remember(self, vectors: dict[str, Array]) -> None:
        with self._lock:
            self._memory.update(vectors)
            while len(self._memory) > MEMORY:
                self._memory.popitem(last=False)

    def _connect(self) -> "_Closing":
        return _Closing(self._path)


class _Closing:
    """A connection that commits and closes at the end of its block: sqlite3's own block only commits."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=30)

    def __enter__(self) -> sqlite3.Connection:
        return self._db.__enter__()

    def __exit__(self, *error: object) -> None:
        self._db.__exit__(*error)  # type: ignore[arg-type]
        self._db.close()


def hash_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _select(db: sqlite3.Connection, hashes: list[bytes]) -> list[tuple[bytes, bytes]]:
    rows: list[tuple[bytes, bytes]] = []
    for start in range(0, len(hashes), VARIABLES):
        chunk = hashes[start : start + VARIABLES]
        marks = ",".join("?" * len(chunk))
        rows += db.execute(f"SELECT hash, vector FROM embedding WHERE hash IN ({marks})", chunk).fetchall()
    return rows
