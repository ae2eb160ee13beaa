"""Questions that are asked only where an earlier one has a certain answer. All there are so far are always asked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("projects", sa.Column("asked_where", sa.Text()))
