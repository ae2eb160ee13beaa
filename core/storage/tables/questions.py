"""What is asked of an item, and what can be said to it."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.tables.base import metadata, owner

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("kind", String, nullable=False, comment="which kind of value answers it: QuestionKind"),
    Column("position", Integer, nullable=False, comment="order on screen; the first one is the headline"),
    Column("options", Text, nullable=False, server_default="{}", comment="JSON: what of it the user chose"),
    Index("ix_questions_project", "project_id", "position"),
    comment="what is asked of an item; one a project as yet",
)

labels = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("name", String, nullable=False, comment="what models are asked for and exports say"),
    Column("description", Text, nullable=False, server_default=""),
    Column("color", String, nullable=False, server_default=""),
    Column("key", String, nullable=False, server_default="", comment="the keypress in review"),
    Column("position", Integer, nullable=False, comment="order on screen"),
    Column("is_fallback", Boolean, nullable=False, server_default=text("0")),
    Column("archived_at", Float, comment="set where it was removed or merged; its annotations keep pointing here"),
    Column("merged_into", Integer, comment="the label that took its place in a merge"),
    Column("score", Float, comment="its place on a scale; NULL where it has none"),
    Index("ix_labels_project", "project_id", "position"),
)

values = Table(
    "values",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question_id", owner("questions"), nullable=False),
    Column("canonical", Text, nullable=False, comment="the one form of its kind, made of ids of labels"),
    Column("kind", String, nullable=False, comment="QuestionKind: whose form that is"),
    UniqueConstraint("question_id", "canonical"),
    comment="what annotators say, each once a question; never changed",
)

value_labels = Table(
    "value_labels",
    metadata,
    Column("value_id", owner("values"), primary_key=True),
    Column("label_id", owner("labels"), primary_key=True),
    Column("n", Integer, nullable=False, comment="how often the label is in the value"),
    Index("ix_value_labels_label", "label_id", "value_id"),
    comment="which labels are in which value",
    sqlite_with_rowid=False,
)
