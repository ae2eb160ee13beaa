"""Tuned models that hosts have to deploy, and what hosts say of jobs. So far none was deployed from here."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("fine_tunes", sa.Column("wish", sa.String(), nullable=False, server_default=""))
    op.add_column("fine_tunes", sa.Column("host_said", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "deployments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "fine_tune_id",
            sa.Integer(),
            sa.ForeignKey("fine_tunes.id", ondelete="CASCADE", name="fk_deployments_fine_tune_id_fine_tunes"),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=False, server_default=""),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("host_status", sa.String(), nullable=False, server_default=""),
        sa.Column("host_said", sa.Text(), nullable=False, server_default=""),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("hourly", sa.Float()),
        sa.Column("owner", sa.String()),
        sa.Column("heartbeat_at", sa.Float()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("billed_from", sa.Float()),
        sa.Column("ended_at", sa.Float()),
    )
    op.create_index("ix_deployments_fine_tune", "deployments", ["fine_tune_id", "id"])
