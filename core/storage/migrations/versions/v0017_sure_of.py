"""How sure an answer to several questions is of each."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("annotations", sa.Column("sure_of", sa.Text()))
