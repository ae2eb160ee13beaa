"""Who annotates, and what each says."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.tables.base import metadata, owner

annotators = Table(
    "annotators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("kind", String, nullable=False, comment="person, imported or model"),
    Column("name", String, nullable=False),
    Column("color", String, nullable=False),
    Column("host", String, nullable=False, server_default="", comment="model annotators: host key"),
    Column("model", String, nullable=False, server_default="", comment="model annotators: model name on the host"),
    Column("prompt_version_id", Integer, nullable=False, server_default=text("0"), comment="0 where none"),
    Column("fine_tune_id", Integer, comment="the fine-tune that made its model, where one did"),
    Column("created_at", Float, nullable=False),
    Column("variant", String, nullable=False, server_default="", comment="what else sets it apart: ×5 for repeats"),
    UniqueConstraint("project_id", "kind", "name"),
)

annotations = Table(
    "annotations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", owner("items"), nullable=False),
    Column("annotator_id", owner("annotators"), nullable=False),
    Column("question_id", ForeignKey("questions.id"), nullable=False),
    Column("value_id", ForeignKey("values.id"), comment="NULL where the annotator took the value back"),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE")),
    Column("confidence", Float, comment="0..1, of the value; NULL where the host gives none"),
    Column("confidence_source", String, comment="how the confidence came about"),
    Column("kind", String, comment="AnswerKind; NULL for people and imports"),
    Column("reason", Text, comment="why the fallback was recorded"),
    Column("raw", Text, comment="the model's answer as it was"),
    Column("note", Text),
    Column("seconds", Float, comment="a model's latency, a person's time on the item"),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("created_at", Float, nullable=False),
    Column("cached_tokens", Integer, comment="of the prompt tokens"),
    Column("request_hash", LargeBinary, comment="of all that the answer depends on: the key of the cache"),
    Column("source_id", Integer, comment="the annotation whose answer was taken over from the cache"),
    Column("votes", Text, comment="JSON: answers by value id, where the model was asked several times"),
    Column("edit", String, comment="what made the entry; NULL where its annotator said it"),
    Column("edited_id", Integer, comment="the entry an edit was made from"),
    Column("said_id", Integer, comment="the entry its annotator made, whose answer an edit carries on"),
    Column("blind", Boolean, comment="1 where the others' labels were hidden from the person"),
    Column("shown", String, comment="places of candidates or levels in the order shown; NULL: as given, or unknown"),
    Column("parts", Text, comment="JSON: the confidence of each part of the value, in its order; null where unknown"),
    Column("sure_of", Text, comment="JSON: confidence of what the same answer says to other questions, by their keys"),
    Index("ix_annotations_item", "item_id", "id"),
    Index("ix_annotations_request", "request_hash", sqlite_where=text("request_hash IS NOT NULL")),
    Index(
        "uq_annotations_run_item",
        "run_id",
        "item_id",
        "question_id",
        unique=True,
        sqlite_where=text("run_id IS NOT NULL"),
    ),
    comment="append-only: never updated; deleted with its project, or an upload undone before anything came of it",
)

current = Table(
    "current",
    metadata,
    Column("annotator_id", owner("annotators"), primary_key=True),
    Column("item_id", owner("items"), primary_key=True),
    Column("question_id", Integer, primary_key=True),
    Column("value_id", Integer, comment="NULL where taken back"),
    Column("annotation_id", Integer, nullable=False),
    Column("confidence", Float),
    comment="newest annotation per annotator, item and question, derived from `annotations` in one transaction",
    sqlite_with_rowid=False,
)

marks = Table(
    "marks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", owner("items"), nullable=False),
    Column("annotator_id", owner("annotators"), nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Float, nullable=False),
    Index("ix_marks_item", "item_id", "annotator_id", "id"),
    comment="a reviewer's private flag and note on an item; append-only, the newest is current",
)

review_batches = Table(
    "review_batches",
    metadata,
    Column("revision", String, primary_key=True, comment="names the log of one page in one browser, and the project"),
    Column("stored_seq", Integer, nullable=False, comment="its acts up to here are dealt with"),
    Column("created_at", Float, nullable=False),
)
