"""How the fields of items are shown. All that is there so far is text."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("projects", sa.Column("layout", sa.Text()))
