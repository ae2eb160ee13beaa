"""Answers of models, kept as they were before the models end. So far none was."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "golden_sets",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", ondelete="CASCADE", name="fk_golden_sets_project_id_projects"),
            nullable=False,
        ),
        sa.Column(
            "source_id",
            sa.Integer(),
            sa.ForeignKey("annotators.id", ondelete="CASCADE", name="fk_golden_sets_source_id_annotators"),
            nullable=False,
        ),
        sa.Column("frozen_id", sa.Integer()),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("split", sa.String(), nullable=False, server_default=""),
        sa.Column("run_id", sa.Integer()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("recorded_at", sa.Float()),
    )
    op.create_index("ix_golden_sets_project", "golden_sets", ["project_id", "id"])
