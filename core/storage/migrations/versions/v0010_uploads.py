"""Uploads: what came in together. All that is there so far came with the first one of its project."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", ondelete="CASCADE", name="fk_uploads_project_id_projects"),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False, server_default=""),
        sa.Column("choice", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("counts", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("made", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("first_item", sa.Integer(), nullable=False),
        sa.Column("last_item", sa.Integer(), nullable=False),
        sa.Column("first_annotation", sa.Integer(), nullable=False),
        sa.Column("last_annotation", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("undone_at", sa.Float()),
    )
    op.create_index("ix_uploads_project", "uploads", ["project_id", "id"])
    conn = op.get_bind()
    rows = conn.exec_driver_sql(
        "SELECT p.id, p.name, p.source, p.created_at, MIN(i.id), MAX(i.id) FROM projects p"
        " JOIN items i ON i.project_id = p.id GROUP BY p.id"
    )
    for project_id, name, source, created_at, first, last in rows.all():
        held = json.loads(source) if source else {}
        about = str(held.get("about") or "").split(", ")[0]
        choice = {"text": held.get("text") or [], "labels": {column: "" for column in held.get("labels") or []}}
        # Its annotations came before all others and are nobody's to take away: none are named.
        conn.exec_driver_sql(
            "INSERT INTO uploads (project_id, name, choice, first_item, last_item, first_annotation, last_annotation,"
            " created_at) VALUES (?, ?, ?, ?, ?, 1, 0, ?)",
            (project_id, about or name, json.dumps(choice, ensure_ascii=False), first, last, created_at),
        )
