"""How near texts are in meaning, pair by pair, as far as it was worked out."""

from collections.abc import Mapping, Sequence

from core.storage.engine import Connection
from core.storage.listed import BLOBS, blobs


def find(conn: Connection, pairs: Sequence[bytes]) -> dict[bytes, float]:
    """The cosines of these pairs, each by its hash; those not worked out are left out."""
    rows = conn.exec_driver_sql(f"SELECT pair, cosine FROM likenesses WHERE pair IN {BLOBS}", blobs(pairs))
    return {row[0]: row[1] for row in rows}


def put(conn: Connection, cosines: Mapping[bytes, float]) -> None:
    """Keep these; what is known stays."""
    if cosines:
        conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
            "INSERT INTO likenesses (pair, cosine) VALUES (?, ?) ON CONFLICT DO NOTHING", list(cosines.items())
        )


def newest(conn: Connection) -> int:
    """Rises whenever another one is known."""
    return int(conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM likenesses").scalar_one())
