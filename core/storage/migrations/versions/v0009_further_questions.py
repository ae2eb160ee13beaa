"""Further questions about the items of a project: each a project of its own in all but its items and their splits."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("projects", sa.Column("home_id", sa.Integer()))
    op.add_column("projects", sa.Column("question", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_projects_home", "projects", ["home_id"])
