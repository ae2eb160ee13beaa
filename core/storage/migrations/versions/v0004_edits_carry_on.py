"""Edits of before the columns of 0003 carry on the answer they were made from, as those made since do."""

from alembic import op

revision = "0004"
down_revision = "0003"

_CARRIED = ("confidence", "confidence_source", "kind", "reason", "note", "source_id", "votes", "blind")


def upgrade() -> None:
    conn = op.get_bind()
    conn.exec_driver_sql(
        f"UPDATE annotations SET {', '.join(f'{name} = s.{name}' for name in _CARRIED)} FROM annotations s"
        " WHERE s.id = annotations.said_id AND annotations.edit IS NOT NULL"
        f" AND {' AND '.join(f'annotations.{name} IS NULL' for name in _CARRIED)}"
    )
    conn.exec_driver_sql(
        "UPDATE current SET confidence = a.confidence FROM annotations a"
        " WHERE a.id = current.annotation_id AND a.edit IS NOT NULL AND a.confidence IS NOT NULL"
    )
