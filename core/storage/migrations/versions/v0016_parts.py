"""How sure a model is of each part of what it said."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("annotations", sa.Column("parts", sa.Text()))
