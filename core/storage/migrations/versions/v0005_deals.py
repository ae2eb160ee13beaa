"""Deals of splits are kept whole; a look may count as several, or as none."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "deals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("dealt", sa.Float(), nullable=False, comment="when it was dealt first: names it among the project's"),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("split_config", sa.Text(), nullable=False, comment="JSON: the shares and facts of the deal"),
        sa.Column("counts", sa.Text(), nullable=False, comment="JSON: items by split"),
        sa.Column(
            "content",
            sa.LargeBinary(),
            nullable=False,
            comment="every item's split and near-duplicate group; see deals.py",
        ),
        sa.Column("created_at", sa.Float(), nullable=False, comment="when another deal took its place"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_deals_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("project_id", "dealt", name=op.f("uq_deals_project_id_dealt")),
        comment="former deals of splits, whole, so that each can be brought back as it was",
    )
    with op.batch_alter_table("looks") as looks:
        looks.add_column(
            sa.Column(
                "worth",
                sa.Integer(),
                nullable=False,
                server_default=sa.text("1"),
                comment="as how many looks it counts",
            )
        )
