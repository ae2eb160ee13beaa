"""Files of items that are fetched from addresses. So far none was."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("items", sa.Column("files", sa.Text()))
    op.create_table(
        "fetches",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", ondelete="CASCADE", name="fk_fetches_project_id_projects"),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("hosts", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("total", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("fetched", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("refused", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("bytes", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("owner", sa.String()),
        sa.Column("heartbeat_at", sa.Float()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float()),
        sa.Column("finished_at", sa.Float()),
    )
    op.create_index("ix_fetches_project", "fetches", ["project_id", "id"])
    op.create_table(
        "fetch_errors",
        sa.Column(
            "item_id",
            sa.Integer(),
            sa.ForeignKey("items.id", ondelete="CASCADE", name="fk_fetch_errors_item_id_items"),
            primary_key=True,
        ),
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("leads_to", sa.String(), nullable=False, server_default=""),
        sqlite_with_rowid=False,
    )
