"""The tables. Every column says what it holds; times are seconds since the epoch, UTC."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owner(table: str) -> ForeignKey:
    return ForeignKey(f"{table}.id", ondelete="CASCADE")


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
)

labels = Table(
    "labels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("name", String, nullable=False, comment="what models are asked for and exports say"),
    Column("description", Text, nullable=False, server_default=""),
    Column("color", String, nullable=False, server_default=""),
    Column("key", String, nullable=False, server_default="", comment="the keypress in review"),
    Column("position", Integer, nullable=False, comment="order on screen"),
    Column("is_fallback", Boolean, nullable=False, server_default=text("0")),
    Column("archived_at", Float, comment="set where it was removed or merged; its annotations keep pointing here"),
    Column("merged_into", Integer, comment="the label that took its place in a merge"),
    Index("ix_labels_project", "project_id", "position"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("kind", String, nullable=False, comment="which kind of value answers it: QuestionKind"),
    Column("position", Integer, nullable=False, comment="order on screen; the first one is the headline"),
    Index("ix_questions_project", "project_id", "position"),
    comment="what is asked of an item; one a project as yet",
)

values = Table(
    "values",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("question_id", _owner("questions"), nullable=False),
    Column("canonical", Text, nullable=False, comment="the one form of its kind, made of ids of labels"),
    Column("kind", String, nullable=False, comment="QuestionKind: whose form that is"),
    UniqueConstraint("question_id", "canonical"),
    comment="what annotators say, each once a question; never changed",
)

value_labels = Table(
    "value_labels",
    metadata,
    Column("value_id", _owner("values"), primary_key=True),
    Column("label_id", _owner("labels"), primary_key=True),
    Column("n", Integer, nullable=False, comment="how often the label is in the value"),
    Index("ix_value_labels_label", "label_id", "value_id"),
    comment="which labels are in which value",
    sqlite_with_rowid=False,
)

items = Table(
    "items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column(
        "hash",
        String,
        nullable=False,
        comment="of text and fields; a kept duplicate adds its ordinal, so unique in a project",
    ),
    Column("external_id", String, nullable=False, server_default="", comment="the id column of the file"),
    Column("text", Text, nullable=False),
    Column("fields", Text, comment="JSON object of the other columns; NULL where there are none"),
    Column("split", String, comment="train, validation or test; NULL before the first split"),
    Column("duplicate_group", Integer, comment="lowest id among near-identical items; NULL where it has none"),
    Index("ix_items_project_split", "project_id", "split", "id"),
)

annotators = Table(
    "annotators",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
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

prompt_versions = Table(
    "prompt_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("number", Integer, nullable=False, comment="1, 2, 3 ... within the project"),
    Column("system", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("examples", Text, nullable=False, server_default="[]", comment="JSON: few-shot examples, frozen"),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("project_id", "number"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("annotator_id", _owner("annotators"), nullable=False),
    Column("status", String, nullable=False),
    Column("config", Text, nullable=False, comment="JSON, frozen at start: prompt, labels, host, model, selection"),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default=text("0"), comment="items with an annotation of this run"),
    Column("errors", Integer, nullable=False, server_default=text("0"), comment="items with a recorded error"),
    Column("prompt_tokens", Integer, nullable=False, server_default=text("0")),
    Column("completion_tokens", Integer, nullable=False, server_default=text("0")),
    Column("message", Text, nullable=False, server_default="", comment="why it ended early, for the user"),
    Column("cancel_requested", Boolean, nullable=False, server_default=text("0")),
    Column("owner", String, comment="the worker that holds the lease"),
    Column("heartbeat_at", Float, comment="lease: when the owner was last seen"),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float, comment="of the first claim"),
    Column("claimed_at", Float, comment="of the newest claim"),
    Column("done_at_claim", Integer, nullable=False, server_default=text("0"), comment="done + errors then"),
    Column("busy_seconds", Float, nullable=False, server_default=text("0"), comment="of earlier claims"),
    Column("finished_at", Float),
    Column("cached_tokens", Integer, nullable=False, server_default=text("0"), comment="of the prompt tokens"),
    Column("calls", Integer, nullable=False, server_default=text("0"), comment="answered, hence paid for"),
    Column("from_cache", Integer, nullable=False, server_default=text("0"), comment="items answered without a call"),
    Column("grid_id", Integer, comment="first run of those started together, which share one cap"),
    Column("resume_at", Float, comment="when a paused run goes on by itself; NULL where it waits for somebody"),
    Index("ix_runs_project", "project_id", "id"),
    Index("ix_runs_status", "status"),
)

run_items = Table(
    "run_items",
    metadata,
    Column("run_id", _owner("runs"), primary_key=True),
    Column("item_id", _owner("items"), primary_key=True),
    comment="the selection, frozen at start; missing = these less the run's annotations and errors",
    sqlite_with_rowid=False,
)

run_errors = Table(
    "run_errors",
    metadata,
    Column("run_id", _owner("runs"), primary_key=True),
    Column("item_id", _owner("items"), primary_key=True),
    Column("kind", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("raw", Text, nullable=False, server_default="", comment="what the host sent, as it was"),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    sqlite_with_rowid=False,
)

repeats = Table(
    "repeats",
    metadata,
    Column("run_id", _owner("runs"), primary_key=True),
    Column("item_id", _owner("items"), primary_key=True),
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True, comment="0, 1, 2 ... of the answers to one item"),
    Column("value_id", ForeignKey("values.id"), nullable=False),
    Column("kind", String, nullable=False, comment="AnswerKind"),
    Column("reason", Text),
    Column("raw", Text, comment="the model's answer as it was"),
    Column("confidence", Float),
    Column("seconds", Float),
    Column("prompt_tokens", Integer),
    Column("completion_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("request_hash", LargeBinary, nullable=False, comment="the key of the cache"),
    Column("source_run_id", Integer, comment="the run whose answer was taken over from the cache"),
    Column("created_at", Float, nullable=False),
    Index("ix_repeats_request", "request_hash", "ordinal"),
    comment="the single answers where an item is asked several times; their majority is the annotation",
    sqlite_with_rowid=False,
)

annotations = Table(
    "annotations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", _owner("items"), nullable=False),
    Column("annotator_id", _owner("annotators"), nullable=False),
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
    comment="append-only: nothing here is ever updated or deleted but with its project",
)

current = Table(
    "current",
    metadata,
    Column("annotator_id", _owner("annotators"), primary_key=True),
    Column("item_id", _owner("items"), primary_key=True),
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
    Column("item_id", _owner("items"), nullable=False),
    Column("annotator_id", _owner("annotators"), nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", Float, nullable=False),
    Index("ix_marks_item", "item_id", "annotator_id", "id"),
    comment="a reviewer's private flag and note on an item; append-only, the newest is current",
)

fine_tunes = Table(
    "fine_tunes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("annotator_id", _owner("annotators"), nullable=False, comment="whom it learns from"),
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
    Column("owner", String),
    Column("heartbeat_at", Float),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    Index("ix_fine_tunes_project", "project_id", "id"),
)

fine_tune_events = Table(
    "fine_tune_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fine_tune_id", _owner("fine_tunes"), nullable=False),
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
    Column("fine_tune_id", _owner("fine_tunes"), primary_key=True),
    Column("text_key", Integer, primary_key=True, comment="of a text it was taught, see core.words.text_key"),
    comment="what the model of a fine-tune has learned from, also by the models it was made from",
    sqlite_with_rowid=False,
)

looks = Table(
    "looks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("question", String, nullable=False, comment="what was asked of the test split, so a redraw is not a look"),
    Column("created_at", Float, nullable=False),
    Column("worth", Integer, nullable=False, server_default=text("1"), comment="as how many looks it counts"),
    Index("ix_looks_project", "project_id", "question"),
)

deals = Table(
    "deals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", _owner("projects"), nullable=False),
    Column("dealt", Float, nullable=False, comment="when it was dealt first: names it among the project's"),
    Column("seed", Integer, nullable=False),
    Column("split_config", Text, nullable=False, comment="JSON: the shares and facts of the deal"),
    Column("counts", Text, nullable=False, comment="JSON: items by split"),
    Column("content", LargeBinary, nullable=False, comment="every item's split and near-duplicate group; see deals.py"),
    Column("created_at", Float, nullable=False, comment="when another deal took its place"),
    UniqueConstraint("project_id", "dealt"),
    comment="former deals of splits, whole, so that each can be brought back as it was",
)

visits = Table(
    "visits",
    metadata,
    Column("project_id", _owner("projects"), primary_key=True),
    Column("page", String, primary_key=True, comment="a station of the loop whose figures were shown"),
    Column("created_at", Float, nullable=False),
    comment="what was looked at, where looking is the work: agreement, compare",
    sqlite_with_rowid=False,
)

review_batches = Table(
    "review_batches",
    metadata,
    Column("revision", String, primary_key=True, comment="names the log of one page in one browser, and the project"),
    Column("stored_seq", Integer, nullable=False, comment="its acts up to here are dealt with"),
    Column("created_at", Float, nullable=False),
)

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

batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", _owner("runs"), nullable=False),
    Column("tag", String, nullable=False, comment="ours, sent as metadata, to find a batch whose id was lost"),
    Column("status", String, nullable=False, comment="written, uploaded, submitted, ended, collected or failed"),
    Column("host_status", String, nullable=False, server_default="", comment="the host's own word"),
    Column("input_file_id", String),
    Column("host_batch_id", String),
    Column("first_item_id", Integer, nullable=False, comment="it holds what was missing between these two"),
    Column("last_item_id", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("answered", Integer, nullable=False, server_default=text("0"), comment="lines with an answer, as collected"),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("message", Text, nullable=False, server_default=""),
    Column("manner", Text, nullable=False, server_default="{}", comment="JSON: how its lines ask"),
    Column("created_at", Float, nullable=False),
    Column("submitted_at", Float, comment="from then on the host may have it, whether or not its id is known"),
    Column("looked_at", Float, comment="when the host was last asked about it"),
    Column("ended_at", Float),
    Index("ix_batches_run", "run_id", "id"),
)
