"""Hosts, what is known of them, prices; single values of the whole workbench."""

from sqlalchemy import (
    Column,
    Float,
    String,
    Table,
    Text,
)

from core.storage.tables.base import metadata

hosts = Table(
    "hosts",
    metadata,
    Column("key", String, primary_key=True, comment="short name in links and runs; never changes"),
    Column("profile", String, nullable=False, comment="which kind of server it is"),
    Column("title", String, nullable=False),
    Column("base_url", String, nullable=False, comment="without user, password or query: those may be secrets"),
    Column("key_variable", String, nullable=False, server_default="", comment="names the key, never holds it"),
    Column("config", Text, nullable=False, server_default="{}", comment="JSON: parameters, limits, masking"),
    Column("created_at", Float, nullable=False),
    Column("removed_at", Float, comment="set where the user removed it; undo clears it"),
)

host_models = Table(
    "host_models",
    metadata,
    Column("host", String, primary_key=True),
    Column("model", String, primary_key=True, comment="'' for what holds for the host as a whole"),
    Column("manner", Text, comment="JSON: how it is best asked, as found out"),
    Column("shutdown_date", String, comment="ISO date on which the host says it ends"),
    Column("known_at", Float, nullable=False),
    comment="what was found out about a model, so that it is found out once",
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    metadata,
    Column("host", String, primary_key=True),
    Column("base_url", String, primary_key=True),
    Column("created_at", Float, nullable=False),
    comment="the user's word that data may be sent there",
    sqlite_with_rowid=False,
)

prices = Table(
    "prices",
    metadata,
    Column("host", String, primary_key=True, comment="host or profile key; '' for any"),
    Column("model", String, primary_key=True),
    Column("input", Float, comment="US dollars per million tokens; NULL is unknown"),
    Column("cached_input", Float),
    Column("output", Float),
    Column("training", Float),
    Column("batch_factor", Float, comment="what a batch costs of the price of single calls"),
    Column("retirement_date", String, comment="ISO date on which the model ends"),
    Column("source", String, nullable=False, comment="typed, or the file it came from"),
    Column("created_at", Float, nullable=False),
    comment="the user's prices; they go before those shipped",
    sqlite_with_rowid=False,
)

facts = Table(
    "facts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    comment="single values of the whole workbench: how far the cache was cleared, the salt of masks",
    sqlite_with_rowid=False,
)
