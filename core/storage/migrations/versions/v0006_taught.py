"""What models were taught is kept, so that they are never scored on it, in whatever project it turns up again."""

import sqlalchemy as sa
from alembic import op

from core.words import text_key

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "taught",
        sa.Column(
            "fine_tune_id",
            sa.Integer(),
            sa.ForeignKey("fine_tunes.id", ondelete="CASCADE", name="fk_taught_fine_tune_id_fine_tunes"),
            primary_key=True,
        ),
        sa.Column("text_key", sa.Integer(), primary_key=True),
        sqlite_with_rowid=False,
    )
    conn = op.get_bind()
    # Fine-tunes so far taught the train items that their annotator had labelled, and splits stayed since.
    rows = conn.exec_driver_sql(
        "SELECT f.id, i.text FROM fine_tunes f JOIN items i ON i.project_id = f.project_id AND i.split = 'train'"
        " WHERE f.host_job_id IS NOT NULL AND EXISTS (SELECT 1 FROM annotations a WHERE a.item_id = i.id"
        " AND a.annotator_id = f.annotator_id AND a.label_id IS NOT NULL AND a.created_at <= f.created_at)"
    )
    for fine_tune_id, text in rows.all():
        conn.exec_driver_sql("INSERT OR IGNORE INTO taught VALUES (?, ?)", (fine_tune_id, text_key(text)))
    later = "SELECT f.id, b.id FROM fine_tunes f JOIN fine_tunes b ON b.fine_tuned_model = f.base_model ORDER BY f.id"
    for fine_tune_id, base_id in conn.exec_driver_sql(later).all():
        conn.exec_driver_sql(
            "INSERT OR IGNORE INTO taught SELECT ?, text_key FROM taught WHERE fine_tune_id = ?",
            (fine_tune_id, base_id),
        )
