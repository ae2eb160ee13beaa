"""What annotators say becomes values: each is stored once for its question, and entries point at it by number."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _create_values()
    conn = op.get_bind()
    _values_of_labels(conn)
    _rewrite(conn, "repeats", _create_repeats, "runs n ON n.id = o.run_id")
    _rewrite(conn, "annotations", _create_annotations, "annotators n ON n.id = o.annotator_id")
    _rewrite(conn, "current", _create_current, "annotators n ON n.id = o.annotator_id")
    _votes_by_value(conn)
    op.create_index("ix_repeats_request", "repeats", ["request_hash", "ordinal"])
    op.create_index("ix_annotations_item", "annotations", ["item_id", "id"])
    op.create_index(
        "ix_annotations_request", "annotations", ["request_hash"], sqlite_where=sa.text("request_hash IS NOT NULL")
    )
    op.create_index(
        "uq_annotations_run_item",
        "annotations",
        ["run_id", "item_id", "question_id"],
        unique=True,
        sqlite_where=sa.text("run_id IS NOT NULL"),
    )
    op.drop_column("projects", "task_type")


def _create_values() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="which kind of value answers it: QuestionKind"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order on screen; the first one is the headline"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_questions_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        comment="what is asked of an item; one a project as yet",
    )
    op.create_index("ix_questions_project", "questions", ["project_id", "position"])
    op.create_table(
        "values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False, comment="the one form of its kind, made of ids of labels"),
        sa.Column("kind", sa.String(), nullable=False, comment="QuestionKind: whose form that is"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name="fk_values_question_id_questions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_values"),
        sa.UniqueConstraint("question_id", "canonical", name="uq_values_question_id_canonical"),
        comment="what annotators say, each once a question; never changed",
    )
    op.create_table(
        "value_labels",
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="how often the label is in the value"),
        sa.ForeignKeyConstraint(
            ["label_id"], ["labels.id"], name="fk_value_labels_label_id_labels", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["value_id"], ["values.id"], name="fk_value_labels_value_id_values", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("value_id", "label_id", name="pk_value_labels"),
        comment="which labels are in which value",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_value_labels_label", "value_labels", ["label_id", "value_id"])


def _values_of_labels(conn: Connection) -> None:
    conn.exec_driver_sql(
        "INSERT INTO questions (project_id, kind, position) SELECT id, task_type, 0 FROM projects ORDER BY id"
    )
    # From the last label to the first, so that nobody takes a label's number for that of its value.
    conn.exec_driver_sql(
        'INSERT INTO "values" (question_id, canonical, kind) SELECT q.id, CAST(l.id AS TEXT), q.kind'
        " FROM labels l JOIN questions q ON q.project_id = l.project_id ORDER BY l.id DESC"
    )
    conn.exec_driver_sql(
        'INSERT INTO value_labels (value_id, label_id, n) SELECT id, CAST(canonical AS INTEGER), 1 FROM "values"'
    )


def _rewrite(conn: Connection, name: str, create: Callable[[], None], its_owner: str) -> None:
    """The table made anew with values for labels, in its own order; a million entries take some seconds, once.

    The CROSS JOINs keep SQLite from going through it in another order, which it would have to sort then.
    """
    op.rename_table(name, f"{name}_before")
    create()
    kept = [row[1] for row in conn.exec_driver_sql(f"PRAGMA table_info({name}_before)") if row[1] != "label_id"]
    conn.exec_driver_sql(
        f"INSERT INTO {name} ({', '.join(kept)}, value_id, question_id)"
        f" SELECT {', '.join(f'o.{column}' for column in kept)}, m.value_id, q.id FROM {name}_before o"
        f" CROSS JOIN {its_owner} CROSS JOIN questions q ON q.project_id = n.project_id"
        f" LEFT JOIN value_labels m ON m.label_id = o.label_id"
    )
    op.drop_table(f"{name}_before")


def _votes_by_value(conn: Connection) -> None:
    conn.exec_driver_sql(
        "UPDATE annotations SET votes = (SELECT json_group_object(CAST(v.value_id AS TEXT), v.number) FROM"
        " (SELECT m.value_id, j.value AS number FROM json_each(annotations.votes) j"
        " JOIN value_labels m ON m.label_id = CAST(j.key AS INTEGER) ORDER BY j.id) v) WHERE votes IS NOT NULL"
    )


def _owner(table: str, column: str, referred: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{referred}.id"], name=f"fk_{table}_{column}_{referred}", ondelete="CASCADE"
    )


def _of_value(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(["value_id"], ["values.id"], name=f"fk_{table}_value_id_values"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name=f"fk_{table}_question_id_questions"),
    ]


def _create_repeats() -> None:
    op.create_table(
        "repeats",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, comment="0, 1, 2 ... of the answers to one item"),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="AnswerKind"),
        sa.Column("reason", sa.Text()),
        sa.Column("raw", sa.Text(), comment="the model's answer as it was"),
        sa.Column("confidence", sa.Float()),
        sa.Column("seconds", sa.Float()),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sa.Column("cached_tokens", sa.Integer()),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False, comment="the key of the cache"),
        sa.Column("source_run_id", sa.Integer(), comment="the run whose answer was taken over from the cache"),
        sa.Column("created_at", sa.Float(), nullable=False),
        _owner("repeats", "run_id", "runs"),
        _owner("repeats", "item_id", "items"),
        *_of_value("repeats"),
        sa.PrimaryKeyConstraint("run_id", "item_id", "question_id", "ordinal", name="pk_repeats"),
        comment="the single answers where an item is asked several times; their majority is the annotation",
        sqlite_with_rowid=False,
    )


def _create_annotations() -> None:
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), comment="NULL where the annotator took the value back"),
        sa.Column("run_id", sa.Integer()),
        sa.Column("confidence", sa.Float(), comment="0..1, of the value; NULL where the host gives none"),
        sa.Column("confidence_source", sa.String(), comment="how the confidence came about"),
        sa.Column("kind", sa.String(), comment="AnswerKind; NULL for people and imports"),
        sa.Column("reason", sa.Text(), comment="why the fallback was recorded"),
        sa.Column("raw", sa.Text(), comment="the model's answer as it was"),
        sa.Column("note", sa.Text()),
        sa.Column("seconds", sa.Float(), comment="a model's latency, a person's time on the item"),
        sa.Column("prompt_tokens", sa.Integer()),
        sa.Column("completion_tokens", sa.Integer()),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), comment="of the prompt tokens"),
        sa.Column("request_hash", sa.LargeBinary(), comment="of all that the answer depends on: the key of the cache"),
        sa.Column("source_id", sa.Integer(), comment="the annotation whose answer was taken over from the cache"),
        sa.Column("votes", sa.Text(), comment="JSON: answers by value id, where the model was asked several times"),
        sa.Column("edit", sa.String(), comment="what made the entry; NULL where its annotator said it"),
        sa.Column("edited_id", sa.Integer(), comment="the entry an edit was made from"),
        sa.Column("said_id", sa.Integer(), comment="the entry its annotator made, whose answer an edit carries on"),
        sa.Column("blind", sa.Boolean(), comment="1 where the others' labels were hidden from the person"),
        _owner("annotations", "item_id", "items"),
        _owner("annotations", "annotator_id", "annotators"),
        _owner("annotations", "run_id", "runs"),
        *_of_value("annotations"),
        sa.PrimaryKeyConstraint("id", name="pk_annotations"),
        comment="append-only: nothing here is ever updated or deleted but with its project",
    )


def _create_current() -> None:
    op.create_table(
        "current",
        sa.Column("annotator_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), comment="NULL where taken back"),
        sa.Column("annotation_id", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float()),
        _owner("current", "annotator_id", "annotators"),
        _owner("current", "item_id", "items"),
        sa.PrimaryKeyConstraint("annotator_id", "item_id", "question_id", name="pk_current"),
        comment="newest annotation per annotator, item and question, derived from `annotations` in one transaction",
        sqlite_with_rowid=False,
    )
