"""In which order candidates or levels were shown, beside what was said of them.

People have always seen the candidates of an item in an order drawn from the item's number, so theirs is known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("annotations", sa.Column("shown", sa.String()))
    op.add_column("repeats", sa.Column("shown", sa.String()))
    conn = op.get_bind()
    said = conn.exec_driver_sql(
        "SELECT n.id, n.item_id FROM questions q JOIN annotators a ON a.project_id = q.project_id"
        " JOIN annotations n ON n.annotator_id = a.id AND n.question_id = q.id"
        " WHERE q.kind = 'preference' AND a.kind = 'person' AND n.value_id IS NOT NULL"
    ).fetchall()
    for turned, shown in enumerate(("0,1", "1,0")):
        ids = [(shown, entry) for entry, item in said if _is_turned(item) == bool(turned)]
        if ids:
            conn.exec_driver_sql("UPDATE annotations SET shown = ? WHERE id = ?", ids)


def _is_turned(item_id: int) -> bool:
    """The rule of the review page of that time, in 32 bits as there."""
    mixed = (item_id ^ (item_id >> 15)) * 0x2C1B3C6D & 0xFFFFFFFF
    return (mixed >> 16) % 2 == 1
