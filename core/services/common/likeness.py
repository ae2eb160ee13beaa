"""How near two texts are in meaning: what is known of it, and by which encoder."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.texts.figures import Pair, plain
from core.storage import likenesses
from core.storage.engine import Connection

ENCODER = "minilm-l6"
"""The sentence encoder of the embedded host."""


def key_of(pair: Pair) -> bytes:
    """Stands for the encoder and both texts, in either order."""
    first, second = sorted(pair)
    parts = (part.encode("utf-8", "surrogatepass") for part in (ENCODER, first, second))
    return blake2b(b"\0".join(len(part).to_bytes(8, "big") + part for part in parts), digest_size=16).digest()


def settled(pair: Pair) -> float | None:
    """What takes no encoder: 1 for the same text, case and white space aside, 0 for an empty one beside any other."""
    one, other = map(plain, pair)
    if one == other:
        return 1.0
    return None if one and other else 0.0


def known(conn: Connection, pairs: Sequence[Pair]) -> FloatArray:
    """The cosine of each pair, NaN where it is not worked out: (n,)."""
    open_ = {pair: key_of(pair) for pair in dict.fromkeys(pairs) if settled(pair) is None}
    found = likenesses.find(conn, list(open_.values()))
    values = [found.get(open_[pair], np.nan) if pair in open_ else settled(pair) for pair in pairs]
    return np.array(values, dtype=np.float64)
