"""Files at addresses: what was asked for, and what could not be had."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, text

from core.storage.tables.base import metadata, owner

fetches = Table(
    "fetches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False, comment="whose items have the addresses"),
    Column("source", String, nullable=False, comment="the field with the addresses; '' for the items' own text"),
    Column("field", String, nullable=False, comment="the further field that names the files"),
    Column("hosts", Text, nullable=False, comment="JSON: the hosts that may be asked, as the user agreed"),
    Column("status", String, nullable=False),
    Column("message", Text, nullable=False, server_default="", comment="why it failed"),
    Column("total", Integer, nullable=False, server_default=text("0"), comment="different addresses when it began"),
    Column("fetched", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0")),
    Column("bytes", Integer, nullable=False, server_default=text("0")),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("0")),
    Column("owner", String),
    Column("heartbeat_at", Float),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Index("ix_fetches_project", "project_id", "id"),
    comment="one time somebody had the files of a field fetched",
)

fetch_errors = Table(
    "fetch_errors",
    metadata,
    Column("item_id", owner("items"), primary_key=True),
    Column("source", String, primary_key=True, comment="as in fetches"),
    Column("message", Text, nullable=False, comment="one sentence"),
    Column(
        "leads_to", String, nullable=False, server_default="", comment="the host that it was sent on to, not agreed"
    ),
    comment="why the file of an item is not there",
    sqlite_with_rowid=False,
)
