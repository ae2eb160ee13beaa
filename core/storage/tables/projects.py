"""Projects and their items: how these were dealt, and what was looked at."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
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

projects = Table(
    "projects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, comment="shown everywhere; unique among projects not archived"),
    Column("created_at", Float, nullable=False),
    Column("archived_at", Float, comment="set where the user removed it; undo clears it"),
    Column("is_demo", Boolean, nullable=False, server_default=text("0")),
    Column("guidelines", Text, nullable=False, server_default=""),
    Column("split_seed", Integer, nullable=False, server_default=text("0")),
    Column("split_config", Text, comment="JSON: the shares and facts of the last split"),
    Column("reference_id", Integer, comment="annotator taken as truth unless a page says otherwise"),
    Column("indexed_to", Integer, nullable=False, server_default=text("0"), comment="last item id in items_fts"),
    Column("source", Text, comment="JSON: file name, columns chosen, counts at import"),
    Column("home_id", Integer, comment="the project whose items a further question is about; NULL: it has its own"),
    Column("question", String, nullable=False, server_default="", comment="what it asks, where others ask beside it"),
    Column("layout", Text, comment="JSON: the fields shown, in order, and how; NULL for all as text"),
    Column("asked_where", Text, comment="JSON: the earlier question, and the labels; NULL: of every item"),
    Index("ix_projects_home", "home_id"),
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column(
        "hash",
        String,
        nullable=False,
        comment="of text and fields; a kept duplicate adds its ordinal, so unique in a project",
    ),
    Column("external_id", String, nullable=False, server_default="", comment="the id column of the file"),
    Column("text", Text, nullable=False),
    Column("fields", Text, comment="JSON object of the other columns; NULL where there are none"),
    Column(
        "files", Text, comment="JSON object: further fields, with what was fetched; NULL where nothing was asked for"
    ),
    Column("split", String, comment="train, validation or test; NULL before the first split"),
    Column("duplicate_group", Integer, comment="lowest id among near-identical items; NULL where it has none"),
    Index("ix_items_project_split", "project_id", "split", "id"),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False, comment="whose question its annotations answer"),
    Column("name", String, nullable=False, comment="of the file or data set"),
    Column("content_hash", String, nullable=False, server_default="", comment="of its cells; '' where it was not kept"),
    Column("choice", Text, nullable=False, server_default="{}", comment="JSON: what its columns were taken for"),
    Column("counts", Text, nullable=False, server_default="{}", comment="JSON: rows, known items, annotations"),
    Column("made", Text, nullable=False, server_default="{}", comment="JSON: annotators, labels made for it"),
    Column("first_item", Integer, nullable=False, comment="its new items are from this id on"),
    Column("last_item", Integer, nullable=False, comment="... to this one, which is never given again"),
    Column("first_annotation", Integer, nullable=False, comment="its annotations are from this id on"),
    Column("last_annotation", Integer, nullable=False, comment="... to this one"),
    Column("created_at", Float, nullable=False),
    Column("undone_at", Float, comment="set where it was undone: its items and annotations are gone"),
    Index("ix_uploads_project", "project_id", "id"),
    comment="what came in together: one file or data set",
)

deals = Table(
    "deals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("dealt", Float, nullable=False, comment="when it was dealt first: names it among the project's"),
    Column("seed", Integer, nullable=False),
    Column("split_config", Text, nullable=False, comment="JSON: the shares and facts of the deal"),
    Column("counts", Text, nullable=False, comment="JSON: items by split"),
    Column("content", LargeBinary, nullable=False, comment="every item's split and near-duplicate group; see deals.py"),
    Column("created_at", Float, nullable=False, comment="when another deal took its place"),
    UniqueConstraint("project_id", "dealt"),
    comment="former deals of splits, whole, so that each can be brought back as it was",
)

looks = Table(
    "looks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", owner("projects"), nullable=False),
    Column("question", String, nullable=False, comment="what was asked of the test split, so a redraw is not a look"),
    Column("created_at", Float, nullable=False),
    Column("worth", Integer, nullable=False, server_default=text("1"), comment="as how many looks it counts"),
    Index("ix_looks_project", "project_id", "question"),
)

visits = Table(
    "visits",
    metadata,
    Column("project_id", owner("projects"), primary_key=True),
    Column("page", String, primary_key=True, comment="a station of the loop whose figures were shown"),
    Column("created_at", Float, nullable=False),
    comment="what was looked at, where looking is the work: agreement, compare",
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Integer, nullable=False, comment="0 for what belongs to no project"),
    Column("kind", String, nullable=False, comment="what it is a draft of: task, prompt ..."),
    Column("key", String, nullable=False, comment="which one of that kind; '' where there is only one"),
    Column("content", Text, nullable=False, comment="JSON: the unsaved work"),
    Column("base", String, nullable=False, comment="stamp of what it was begun from"),
    Column("revision", Integer, nullable=False, comment="rises with each change, by which tabs tell theirs"),
    Column("updated_at", Float, nullable=False),
    Column("ended_at", Float, comment="set where it was saved, discarded or replaced"),
    Index("uq_drafts_open", "project_id", "kind", "key", unique=True, sqlite_where=text("ended_at IS NULL")),
    comment="work that is typed and not saved: one open draft a project, kind and key; ended ones for undo",
)
