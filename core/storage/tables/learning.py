"""Fine-tunes, and what their models were taught."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.storage.tables.base import metadata, owner

fine_tunes = Table(
    "fine_tunes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("annotator_id", owner("annotators"), nullable=False, comment="whom it learns from"),
    Column("prompt_version_id", ForeignKey("prompt_versions.id"), nullable=False),
    Column("host", String, nullable=False),
    Column("base_model", String, nullable=False),
    Column("config", Text, nullable=False, comment="JSON: hyperparameters, labels, prompt, counts, checks"),
    Column("status", String, nullable=False),
    Column("host_status", String, nullable=False, server_default="", comment="the host's own word"),
    Column("host_job_id", String),
    Column("fine_tuned_model", String),
    Column("message", Text, nullable=False, server_default=""),
    Column("n_train", Integer, nullable=False, server_default=text("0")),
    Column("n_validation", Integer, nullable=False, server_default=text("0")),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("0")),
    Column("wish", String, nullable=False, server_default="", comment="pause or resume, until the host was told"),
    Column("host_said", Text, nullable=False, server_default="", comment="JSON: the job as the host last told it"),
    Column("owner", String),
    Column("heartbeat_at", Float),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    Index("ix_fine_tunes_project", "project_id", "id"),
)

deployments = Table(
    "deployments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fine_tune_id", owner("fine_tunes"), nullable=False),
    Column("name", String, nullable=False, comment="ours: by it the deployment is found at the host"),
    Column("called", String, nullable=False, server_default="", comment="what calls the model"),
    Column("status", String, nullable=False),
    Column("host_status", String, nullable=False, server_default="", comment="the host's own word"),
    Column("host_said", Text, nullable=False, server_default="", comment="JSON: as the host last told it"),
    Column("message", Text, nullable=False, server_default=""),
    Column("by_hand", Boolean, nullable=False, server_default=text("0"), comment="the user does it at the host"),
    Column("hourly", Float, comment="US dollars; NULL is unknown"),
    Column("owner", String),
    Column("heartbeat_at", Float),
    Column("created_at", Float, nullable=False),
    Column("billed_from", Float, comment="when the host had taken it"),
    Column("ended_at", Float),
    Index("ix_deployments_fine_tune", "fine_tune_id", "id"),
    comment="tuned models at hosts that have to deploy them",
)

fine_tune_events = Table(
    "fine_tune_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fine_tune_id", owner("fine_tunes"), nullable=False),
    Column("host_event_id", String, nullable=False, comment="so that polling twice stores once"),
    Column("level", String, nullable=False),
    Column("type", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("data", Text, nullable=False, server_default="{}", comment="JSON: the numbers of a metrics event"),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("fine_tune_id", "host_event_id"),
)

taught = Table(
    "taught",
    metadata,
    Column("fine_tune_id", owner("fine_tunes"), primary_key=True),
    Column("text_key", Integer, primary_key=True, comment="of a text it was taught, see core.words.text_key"),
    comment="what the model of a fine-tune has learned from, also by the models it was made from",
    sqlite_with_rowid=False,
)

golden_sets = Table(
    "golden_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("source_id", owner("annotators"), nullable=False, comment="the model whose answers are kept"),
    Column("frozen_id", Integer, comment="the annotator that says them from now on; NULL until they are recorded"),
    Column("items", Text, nullable=False, comment="JSON: the ids of the items that were chosen"),
    Column("split", String, nullable=False, server_default="", comment="of which split they are; '' for others"),
    Column("run_id", Integer, comment="the run that asks for what was missing; NULL where nothing was"),
    Column("created_at", Float, nullable=False),
    Column("recorded_at", Float),
    Index("ix_golden_sets_project", "project_id", "id"),
    comment="answers of models, kept as they were before the models end",
)
