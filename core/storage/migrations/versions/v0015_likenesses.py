"""How near two texts are in meaning."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "likenesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pair", sa.LargeBinary(), nullable=False, comment="hash of the encoder and both texts"),
        sa.Column("cosine", sa.Float(), nullable=False, comment="of the vectors that the encoder gives them, -1 to 1"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likenesses")),
        sa.UniqueConstraint("pair", name=op.f("uq_likenesses_pair")),
        comment="worked out once, since what two texts say never changes",
    )
