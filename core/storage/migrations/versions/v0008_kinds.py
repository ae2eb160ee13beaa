"""Questions of every kind: what of each the user chose, labels on a scale, and how a prompt has answers written."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("questions", sa.Column("options", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("labels", sa.Column("score", sa.Float()))
    op.add_column("prompt_versions", sa.Column("answers", sa.String(), nullable=False, server_default=""))
