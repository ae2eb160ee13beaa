"""What made an entry is data instead of prose in its reason; where a label was merged into; unsaved work is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "annotations", sa.Column("edit", sa.String(), comment="what made the entry; NULL where its annotator said it")
    )
    op.add_column("annotations", sa.Column("edited_id", sa.Integer(), comment="the entry an edit was made from"))
    op.add_column(
        "annotations",
        sa.Column("said_id", sa.Integer(), comment="the entry its annotator made, whose answer an edit carries on"),
    )
    op.add_column(
        "annotations",
        sa.Column("blind", sa.Boolean(), comment="1 where the others' labels were hidden from the person"),
    )
    op.add_column("labels", sa.Column("merged_into", sa.Integer(), comment="the label that took its place in a merge"))
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False, comment="0 for what belongs to no project"),
        sa.Column("kind", sa.String(), nullable=False, comment="what it is a draft of: task, prompt ..."),
        sa.Column("key", sa.String(), nullable=False, comment="which one of that kind; '' where there is only one"),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON: the unsaved work"),
        sa.Column("base", sa.String(), nullable=False, comment="stamp of what it was begun from"),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="rises with each change, by which tabs tell theirs"
        ),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True, comment="set where it was saved, discarded or replaced"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        comment="work that is typed and not saved: one open draft a project, kind and key; ended ones for undo",
    )
    op.create_index(
        "uq_drafts_open",
        "drafts",
        ["project_id", "kind", "key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    conn = op.get_bind()
    _prose_to_columns(conn)
    _find_merged_labels(conn)


def _prose_to_columns(conn: Connection) -> None:
    """Entries with a reason and without a run were made by people or by edits of the labels; models have a run."""
    ours = "run_id IS NULL AND kind IS NULL"
    conn.exec_driver_sql(f"UPDATE annotations SET blind = 1, reason = NULL WHERE reason = 'labelled blind' AND {ours}")
    before = (
        "(SELECT MAX(b.id) FROM annotations b WHERE b.item_id = annotations.item_id"
        " AND b.annotator_id = annotations.annotator_id AND b.id < annotations.id)"
    )
    conn.exec_driver_sql(
        f"UPDATE annotations SET edit = 'merge', reason = NULL, edited_id = {before}"
        f" WHERE reason LIKE 'merged % into %' AND {ours}"
    )
    # An undone merge gave back what was there before the merge, which is the entry before it.
    conn.exec_driver_sql(
        "UPDATE annotations SET edit = 'restore', reason = NULL,"
        f" edited_id = (SELECT m.edited_id FROM annotations m WHERE m.id = {before} AND m.edit = 'merge')"
        f" WHERE reason LIKE 'undone: merged %' AND {ours}"
    )
    said = "(SELECT CASE WHEN p.edit IS NULL THEN p.id ELSE p.said_id END FROM annotations p WHERE p.id = {}.edited_id)"
    while conn.exec_driver_sql(
        f"UPDATE annotations SET said_id = {said.format('annotations')}"
        f" WHERE edit IS NOT NULL AND said_id IS NULL AND {said.format('annotations')} IS NOT NULL"
    ).rowcount:
        pass


def _find_merged_labels(conn: Connection) -> None:
    """Of archived labels those whose newest edit is a merge away from them."""
    newest: dict[int, tuple[int, int | None]] = {}
    rows = conn.exec_driver_sql(
        "SELECT p.label_id, e.label_id, MAX(e.id) FROM annotations e JOIN annotations p ON p.id = e.edited_id"
        " WHERE e.edit = 'merge' GROUP BY 1, 2 UNION ALL"
        " SELECT e.label_id, NULL, MAX(e.id) FROM annotations e WHERE e.edit = 'restore' GROUP BY 1"
    )
    for label_id, target, entry in rows:
        if label_id is not None and entry > newest.get(label_id, (0, None))[0]:
            newest[label_id] = (entry, target)
    for label_id, (_, target) in newest.items():
        if target is not None:
            conn.exec_driver_sql(
                "UPDATE labels SET merged_into = ? WHERE id = ? AND archived_at IS NOT NULL", (target, label_id)
            )
