"""Studies: several fine-tunes that answer one question together. So far there was none."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", ondelete="CASCADE", name="fk_studies_project_id_projects"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("owner", sa.String()),
        sa.Column("heartbeat_at", sa.Float()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float()),
        sa.Column("finished_at", sa.Float()),
    )
    op.create_index("ix_studies_project", "studies", ["project_id", "id"])
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "study_id",
            sa.Integer(),
            sa.ForeignKey("studies.id", ondelete="CASCADE", name="fk_trials_study_id_studies"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column(
            "fine_tune_id",
            sa.Integer(),
            sa.ForeignKey("fine_tunes.id", ondelete="SET NULL", name="fk_trials_fine_tune_id_fine_tunes"),
        ),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id", ondelete="SET NULL", name="fk_trials_run_id_runs")),
        sa.Column("score", sa.Text()),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
        sa.Column("finished_at", sa.Float()),
        sa.UniqueConstraint("study_id", "number", name="uq_trials_study_id_number"),
    )
