"""Studies: several fine-tunes that answer one question together."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from core.storage.tables.base import metadata, owner

studies = Table(
    "studies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("kind", String, nullable=False, comment="curve or search"),
    Column("config", Text, nullable=False, comment="JSON: what its fine-tunes share, and what is varied"),
    Column("status", String, nullable=False),
    Column("message", Text, nullable=False, server_default="", comment="what it waits for, or why it ended"),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("0")),
    Column("owner", String),
    Column("heartbeat_at", Float),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Index("ix_studies_project", "project_id", "id"),
)

trials = Table(
    "trials",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", owner("studies"), nullable=False),
    Column("number", Integer, nullable=False, comment="from 1, in the order they are begun"),
    Column("config", Text, nullable=False, comment="JSON: what is varied in it"),
    Column("status", String, nullable=False),
    Column("fine_tune_id", ForeignKey("fine_tunes.id", ondelete="SET NULL")),
    Column("run_id", ForeignKey("runs.id", ondelete="SET NULL"), comment="in which its model answers validation items"),
    Column("score", Text, comment="JSON: the figure and its interval, once it is measured"),
    Column("message", Text, nullable=False, server_default=""),
    Column("finished_at", Float),
    UniqueConstraint("study_id", "number"),
    comment="written down before anything is asked of a host, so that nothing is begun twice",
)
