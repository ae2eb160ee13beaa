"""The nouns of LabelLoop: frozen, without behaviour beyond what their fields already say.

Glossary (one word each, never a synonym)

project         one task on one set of items
task            what is asked of an item: a question, its labels with descriptions, guidelines, the fallback label
question        one thing asked: its kind says what answers it
condition       where a further question is asked: of items to which an earlier one was answered with certain labels
value           what an annotator says to a question, in one canonical form; stored once, pointed at by number
item            one row to annotate: its fields, each shown as text, conversation, picture, sound, film or link;
                identified by a hash of its content; a field that is a file names it by its bytes (`core.media`)
layout          which fields of an item are shown, in which order and how
upload          what came in together: the items and annotations of one file or data set; a later one moves no old item
annotator       whoever annotates: person, imported (a column of the data), model
annotation      one annotator's value for one question of one item; history is append-only, the newest is current
reference       the annotator taken as the truth for a comparison
split           train, validation or test; seeded, stratified, near-duplicates kept together; test is locked
prompt version  the immutable template a model is asked with
host            a server that speaks the OpenAI protocol: base URL, key variable, quirks
run             one pass of a model annotator over a selection of items
fine-tune       a training job on a host and the model that comes out of it
study           several fine-tunes that answer one question together: a learning curve, or a search for parameters
trial           one fine-tune of a study, and what its model scores on validation
golden answers  what a model said of chosen items, kept as it was by an annotator that says nothing else ever after
look            one time the scores on the test split were shown; counted, because each one costs some of its worth
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

DEFAULT_FALLBACK = "UNABLE_TO_CLASSIFY"

REVIEW_KEYS: Mapping[str, str] = {
    "undo": "u",
    "blind": "b",
    "flag": "f",
    "note": "n",
    "guidelines": "g",
    "keys": "?",
    "find": "/",
}
"""What the review screen keeps for itself, by what it does; no label can have such a key."""

FALLBACK_KEY = "0"
LABEL_KEYS = tuple(key for key in "123456789abcdefghijklmnopqrstuvwxyz" if key not in REVIEW_KEYS.values())
"""The keys that labels are given, in this order; 0 is the fallback's."""


GOLDEN = "golden"
"""Begins the variant of an annotator that keeps golden answers."""


class QuestionKind(StrEnum):
    """Which kind of value answers a question; what each can do is in `core.tasks`."""

    SINGLE_LABEL = "single_label"
    SEVERAL_LABELS = "several_labels"
    SPANS = "spans"
    RATING = "rating"
    PREFERENCE = "preference"
    RANKING = "ranking"
    TEXT = "text"


class Span(NamedTuple):
    """A marked part of an item's text: code points from 0, half-open, and the name of its label."""

    start: int
    end: int
    label: str


Said = str | tuple[Any, ...]
"""What an annotator says to a question, by the names of labels: the name of one (a label, a level, an outcome); the
names of several in alphabetical order; spans by place; for a ranking a tuple of such names for each place, the best
first; or the text that it wrote. Two annotators say the same exactly where these are equal."""


@dataclass(frozen=True)
class Options:
    """What of a question is the user's to choose; each kind looks at its own.

    `allow_empty`: none of several labels is an answer. `may_overlap`: spans may share characters. `candidates`: the
    fields of an item that are compared; the labels of a ranking are called as they are. `answers`: how a model writes
    its answer, "" for the kind's own first way.
    """

    allow_empty: bool = True
    may_overlap: bool = False
    candidates: tuple[str, ...] = ()
    answers: str = ""


class Split(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Outcome(StrEnum):
    """What became of an item from annotator A to annotator B, by which of them says what the reference says."""

    FIXED = "fixed"
    BROKEN = "broken"
    STILL_WRONG = "still_wrong"
    BOTH_RIGHT = "both_right"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")

    @property
    def a_right(self) -> bool:
        return self in (Outcome.BROKEN, Outcome.BOTH_RIGHT)

    @property
    def b_right(self) -> bool:
        return self in (Outcome.FIXED, Outcome.BOTH_RIGHT)


class AnnotatorKind(StrEnum):
    PERSON = "person"
    IMPORTED = "imported"
    MODEL = "model"


class RunStatus(StrEnum):
    """`PAUSED` waits without a worker: until `Run.resume_at`, for a raised cap, or for a file from elsewhere."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def is_live(self) -> bool:
        """Whether somebody is, or will soon be, working on it."""
        return self in (RunStatus.QUEUED, RunStatus.RUNNING)

    @property
    def ended_early(self) -> bool:
        """Whether it ended or pauses before its time: what it lacks can be taken up again."""
        return not self.is_live and self is not RunStatus.DONE


class FineTuneStatus(StrEnum):
    """Ours. The host's own word is kept beside it."""

    QUEUED = "queued"
    UPLOADING = "uploading"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_live(self) -> bool:
        return self in (FineTuneStatus.QUEUED, FineTuneStatus.UPLOADING, FineTuneStatus.RUNNING)


class StudyKind(StrEnum):
    """What a study is to find out: what more examples are worth, or which parameters are best."""

    CURVE = "curve"
    SEARCH = "search"


class StudyStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_live(self) -> bool:
        return self in (StudyStatus.QUEUED, StudyStatus.RUNNING)


class TrialStatus(StrEnum):
    """`WAITING` has not begun; `TRAINING` is a job at its host; `ASKING` has its model answer the validation items.
    `PRUNED` was ended early, since it was behind the others."""

    WAITING = "waiting"
    TRAINING = "training"
    ASKING = "asking"
    DONE = "done"
    PRUNED = "pruned"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether it is under way."""
        return self in (TrialStatus.TRAINING, TrialStatus.ASKING)


class DeploymentStatus(StrEnum):
    """Ours, of a tuned model that its host has to deploy before it can be called."""

    STARTING = "starting"
    READY = "ready"
    LEAVING = "leaving"
    GONE = "gone"
    FAILED = "failed"

    @property
    def is_live(self) -> bool:
        """Whether it is at the host, or may be, and costs what it costs there."""
        return self in (DeploymentStatus.STARTING, DeploymentStatus.READY, DeploymentStatus.LEAVING)


class FetchStatus(StrEnum):
    """Of files that are fetched from addresses."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_live(self) -> bool:
        return self in (FetchStatus.QUEUED, FetchStatus.RUNNING)


class Edit(StrEnum):
    """What made an entry that its annotator did not say: labels were merged, or a merge was undone."""

    MERGE = "merge"
    RESTORE = "restore"


class AnswerKind(StrEnum):
    """What a model's answer turned out to be. LABEL: clear, whatever the kind of question. PARTLY: what of it could
    be found in the item's text is recorded, the rest is the reason. FLIPPED: asked in both orders, it contradicts
    itself, which is recorded as a tie where the task has one. All others are recorded as the fallback, with this as
    reason."""

    LABEL = "label"
    PARTLY = "partly"
    FLIPPED = "flipped"
    NO_LABEL = "no_label"
    SEVERAL_LABELS = "several_labels"
    OUTSIDE_LIST = "outside_list"
    REFUSED = "refused"
    TRUNCATED = "truncated"
    EMPTY = "empty"


class ErrorKind(StrEnum):
    """Why a call produced no answer at all."""

    AUTHENTICATION = "authentication"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    RATE_LIMIT = "rate_limit"
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class Label:
    """One choice of a task. `name` is what models are asked for and what exports say; `key` the review keypress.

    `score` places it on a scale: a rating's level, or how much better the first of two candidates is.
    """

    name: str
    description: str = ""
    color: str = ""
    key: str = ""
    id: int | None = None
    is_fallback: bool = False
    score: float | None = None


@dataclass(frozen=True)
class Task:
    """`labels` excludes the fallback, which every annotator may also use: see `choices`."""

    labels: tuple[Label, ...]
    fallback: Label = Label(DEFAULT_FALLBACK, is_fallback=True)
    guidelines: str = ""
    type: QuestionKind = QuestionKind.SINGLE_LABEL
    options: Options = Options()

    @property
    def choices(self) -> tuple[Label, ...]:
        return (*self.labels, self.fallback)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.choices)


@dataclass(frozen=True)
class Question:
    """One thing asked of a project's items. What annotators say to it are values, each stored once in the canonical
    form of its kind, so that two say the same exactly where their values have one id."""

    id: int
    project_id: int
    kind: QuestionKind
    options: Options = Options()


class Having(StrEnum):
    """What an answer has to have for another question to be asked: one of the labels chosen, or none of them; a level
    from the one chosen up, or down; any mark, or none."""

    ONE_OF = "one of"
    NONE_OF = "none of"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    ANY = "any"
    NOTHING = "nothing"

    @property
    def labels(self) -> int | None:
        """How many labels it is about; None: one or more."""
        return {Having.AT_LEAST: 1, Having.AT_MOST: 1, Having.ANY: 0, Having.NOTHING: 0}.get(self)


@dataclass(frozen=True)
class Condition:
    """A question is asked of an item only where the answer to an earlier one about the same items, that of project
    `on`, has these labels, by id, as `having` says."""

    on: int
    labels: tuple[int, ...] = ()
    having: Having = Having.ONE_OF


@dataclass(frozen=True)
class Holds:
    """A condition as it stands with the labels there are: an answer holds one of these; where it `lacks`, there is an
    answer, and it holds none of them."""

    labels: tuple[int, ...]
    lacks: bool = False


class FieldShow(StrEnum):
    """How a field of an item is shown. A picture, sound or film is a reference to a stored file (`core.media`), a
    conversation a JSON list of messages, a link an address."""

    TEXT = "text"
    CONVERSATION = "conversation"
    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"
    LINK = "link"

    @property
    def is_file(self) -> bool:
        """Whether the field holds a reference to a stored file."""
        return self in (FieldShow.PICTURE, FieldShow.SOUND, FieldShow.FILM)


TEXT_FIELD = ""
"""What a layout calls the item's own text, which no other field can be called."""


@dataclass(frozen=True)
class FieldLayout:
    """How one field of the items is shown: `name` as in `Item.fields`, or `TEXT_FIELD`; `heading` "" for its name,
    `folded` where it is opened by a click."""

    name: str
    show: FieldShow = FieldShow.TEXT
    heading: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Project:
    """One question about a set of items. Further questions about the same items are projects beside it: `home_id` is
    the one that holds the items and their splits, None for that one itself. `question` says which it is, "" where it
    is the only one; the name of a further question has that behind the name of its home.
    """

    id: int
    name: str
    created_at: datetime
    is_demo: bool = False
    split_seed: int = 0
    reference_id: int | None = None
    home_id: int | None = None
    question: str = ""
    layout: tuple[FieldLayout, ...] = ()
    """The fields that are shown, in their order, of the items it asks about; () for all of them as text."""

    @property
    def home(self) -> int:
        return self.home_id or self.id


@dataclass(frozen=True)
class Item:
    """`text` is the chosen text columns joined; `fields` every other column, by its name in the file, and behind them
    the files that were fetched from addresses in one, "" where there is none: those are not what identifies it."""

    id: int
    text: str
    external_id: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    split: Split | None = None


@dataclass(frozen=True)
class Fetch:
    """One time somebody had the files fetched whose addresses are in a field of the items: `source` is that field,
    `TEXT_FIELD` for their text, `field` the further one that names the files. Addresses count once each, however many
    items have them; `hosts` are those that the user agreed to."""

    id: int
    project_id: int
    source: str
    field: str
    hosts: tuple[str, ...]
    status: FetchStatus
    created_at: datetime
    message: str = ""
    total: int = 0
    fetched: int = 0
    refused: int = 0
    n_bytes: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Upload:
    """What came in together. Its new items are those from `first_item` to `last_item`, its annotations likewise, since
    both are given their ids in one go.

    `choice` says what its columns were taken for, `counts` how many rows, known items and annotations it had, `made`
    which annotators and labels are there because of it.
    """

    id: int
    project_id: int
    name: str
    created_at: datetime
    first_item: int
    last_item: int
    first_annotation: int
    last_annotation: int
    content_hash: str = ""
    choice: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    made: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def n_items(self) -> int:
        """How many new items it brought."""
        return self.last_item - self.first_item + 1


@dataclass(frozen=True)
class Annotator:
    id: int
    project_id: int
    kind: AnnotatorKind
    name: str
    color: str
    host: str | None = None
    model: str | None = None
    prompt_version_id: int | None = None
    fine_tune_id: int | None = None
    variant: str = ""
    """What else sets it apart from the same model with the same prompt: "×5" for the majority of five answers."""

    @property
    def is_golden(self) -> bool:
        """Whether it keeps golden answers: nobody asks it anything."""
        return self.variant.startswith(GOLDEN)


@dataclass(frozen=True)
class Annotation:
    """`said` is None where the annotator took its value back. `reason` says why a fallback was recorded.

    `source_id` is the annotation whose answer was taken over from the cache; `votes` counts the answers where
    the model was asked several times. An `edit` carries on the answer of the entry it was made from, `edited_id`; it is
    no answer of its own. `blind`: the others' labels were hidden from the person.
    """

    item_id: int
    annotator_id: int
    said: Said | None
    created_at: datetime
    id: int | None = None
    run_id: int | None = None
    confidence: float | None = None
    confidence_source: str = ""
    reason: str = ""
    raw: str = ""
    note: str = ""
    source_id: int | None = None
    votes: Mapping[Said, int] = field(default_factory=dict)
    kind: AnswerKind | None = None
    edit: Edit | None = None
    edited_id: int | None = None
    blind: bool = False
    flagged: bool = False
    parts: tuple[float | None, ...] = ()
    """How sure its annotator is of each part of what was said, in its order; None where that is not known, and () of
    all where it is of none."""


@dataclass(frozen=True)
class Mark:
    """A person's private flag and note on an item, beside what they label it."""

    item_id: int
    annotator_id: int
    flagged: bool
    note: str
    created_at: datetime


@dataclass(frozen=True)
class Example:
    """One worked example shown to the model before the item, frozen into its prompt version.

    `value` finds its labels again where those are renamed or merged: what was said, in canonical form; None in versions
    of before it was kept. `beside` are the values that answer the other questions about the item, by their projects,
    where the prompt asks all of them at once.
    """

    item_id: int
    text: str
    said: Said
    fields: Mapping[str, str] = field(default_factory=dict)
    value: str | None = field(default=None, compare=False)
    beside: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PromptVersion:
    id: int
    project_id: int
    number: int
    system: str
    user: str
    note: str
    created_at: datetime
    examples: tuple[Example, ...] = ()
    answers: str = ""
    """How answers are to be written, where the kind of question knows several ways; "" for its first."""

    @property
    def title(self) -> str:
        return f"v{self.number} {self.note}".strip()


@dataclass(frozen=True)
class TextPart:
    text: str


@dataclass(frozen=True)
class MediaPart:
    """A picture or sound in a message, by the reference of its file."""

    reference: str

    @property
    def extension(self) -> str:
        return self.reference.rpartition(".")[2]


Content = str | tuple[TextPart | MediaPart, ...]


@dataclass(frozen=True)
class Message:
    """`content` is text, or parts where it shows pictures or sound (see `core.content`)."""

    role: str
    content: Content


@dataclass(frozen=True)
class Run:
    id: int
    project_id: int
    annotator_id: int
    status: RunStatus
    total: int
    done: int
    errors: int
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    cancel_requested: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    busy_seconds: float = 0.0
    rate: float | None = None
    cached_tokens: int = 0
    """Of the prompt tokens: those the host had cached, and bills less for."""
    calls: int = 0
    """Calls that were answered, and so are paid for: repeats count each, items from the cache not at all."""
    from_cache: int = 0
    """Items that took over an earlier answer to the very same request."""
    grid_id: int | None = None
    """The first run of those started together: they share one cap."""
    resume_at: datetime | None = None
    """When a paused run goes on by itself; None where it waits for somebody."""
    number: int = 0
    """What it is called: they are counted within their project, in the order they were made."""

    @property
    def seconds_left(self) -> float | None:
        """At the present rate (items a second since the newest claim); None while that is not known."""
        return self.missing / self.rate if self.rate else None

    @property
    def missing(self) -> int:
        """Items with neither an annotation nor a recorded error."""
        return max(0, self.total - self.done - self.errors)


@dataclass(frozen=True)
class FineTune:
    """`called` is the name that calls its model where the host had to deploy it, the last one it had; `is_deployed`
    whether it has that now. `wish` is what the user wants of the job: "pause", "resume", or nothing."""

    id: int
    project_id: int
    annotator_id: int
    prompt_version_id: int
    host: str
    base_model: str
    status: FineTuneStatus
    created_at: datetime
    finished_at: datetime | None = None
    host_job_id: str | None = None
    host_status: str = ""
    fine_tuned_model: str | None = None
    message: str = ""
    n_train: int = 0
    n_validation: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    called: str | None = None
    is_deployed: bool = False
    wish: str = ""

    @property
    def is_trial(self) -> bool:
        """Whether it was made to find something out, and not found best: nobody's first choice."""
        trial = self.config.get("trial") or {}
        return bool(trial) and not trial.get("best")


@dataclass(frozen=True)
class Deployment:
    """A tuned model at a host that has to deploy it. `name` is ours, `called` the name that calls the model. Dollars an
    hour are None where nobody said them; they count from `billed_from`."""

    id: int
    fine_tune_id: int
    name: str
    status: DeploymentStatus
    created_at: datetime
    by_hand: bool = False
    called: str = ""
    host_status: str = ""
    message: str = ""
    hourly: float | None = None
    billed_from: datetime | None = None
    ended_at: datetime | None = None

    def hours(self, now: datetime) -> float:
        """For how long it has been there, as far as that is known."""
        return 0.0 if self.billed_from is None else ((self.ended_at or now) - self.billed_from).total_seconds() / 3600

    def dollars(self, now: datetime) -> float | None:
        """What it cost so far; None where its price is unknown."""
        return None if self.hourly is None else self.hourly * self.hours(now)


@dataclass(frozen=True)
class FineTuneEvent:
    """`data` holds the numbers of a metrics event: step, epoch, train_loss, valid_loss, ... as the host named them."""

    created_at: datetime
    level: str
    message: str
    type: str = "message"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens. None is unknown, which is never the same as free.

    `cached_input` unknown counts as `input`; `batch_factor` is what a batch costs of the price of single calls.
    """

    input: float | None = None
    output: float | None = None
    cached_input: float | None = None
    batch_factor: float | None = None
    training: float | None = None
    source: str = ""


@dataclass(frozen=True)
class Budget:
    """A hard cap on what runs started together may spend; None where there is none."""

    dollars: float | None = None
    tokens: int | None = None
    calls: int | None = None

    def __bool__(self) -> bool:
        return any(cap is not None for cap in (self.dollars, self.tokens, self.calls))


@dataclass(frozen=True)
class Masking:
    """What is replaced in data before it is sent: `kinds` of email, phone, card, account, digits; and `names`."""

    kinds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.kinds or self.names)


@dataclass(frozen=True)
class Host:
    """A server that speaks the OpenAI protocol. `key_variable` names the environment variable, never the key.

    `profile` says which kind of server it is; the rest is the user's: `extra` parameters go into each request,
    `answer_tokens` bounds an answer, `in_flight` and the limits per minute bound the pace (None: found out).
    """

    key: str
    title: str
    base_url: str
    key_variable: str = ""
    is_local: bool = False
    can_fine_tune: bool = True
    about: str = ""
    profile: str = "custom"
    extra: Mapping[str, Any] = field(default_factory=dict)
    reasoning_effort: str = ""
    answer_tokens: int | None = None
    in_flight: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    masking: Masking = Masking()


@dataclass(frozen=True)
class Estimate:
    """A score with what it takes to read it: on how many items (`n`), and within which 95 % interval.

    `value` is None where the metric is undefined; `undefined` then says why in one clause. `interval` names the
    method ("Wilson", "Dirichlet posterior, 2,000 draws, seed 0"). `low`/`high` are None where no interval exists.
    `rough` says in one clause why the figure is a rough guide at best, where it is.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    interval: str = ""
    undefined: str = ""
    rough: str = ""


@dataclass(frozen=True)
class Study:
    """`config` holds what its fine-tunes share (whom they learn from, prompt, host, base model) and what is varied."""

    id: int
    project_id: int
    kind: StudyKind
    status: StudyStatus
    created_at: datetime
    config: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    cancel_requested: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Trial:
    """`config` is what is varied in it. `score` is None until its model has answered."""

    id: int
    study_id: int
    number: int
    status: TrialStatus
    config: Mapping[str, Any] = field(default_factory=dict)
    fine_tune_id: int | None = None
    run_id: int | None = None
    score: Estimate | None = None
    message: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, where it is, and what to do. `row` counts from 1 as a spreadsheet shows it.

    Where it concerns several columns and no other, `columns` names them all.
    """

    message: str
    row: int | None = None
    column: str | None = None
    hint: str = ""
    columns: tuple[str, ...] = ()

    @property
    def concerns_all(self) -> bool:
        """Whether it is in the way whatever columns are chosen, since it names none."""
        return not (self.column or self.columns)


@dataclass(frozen=True)
class AnswerColumn:
    """A column that the source itself tells to be what annotators say to one question, each cell in the form of its
    kind (see `core.tasks`). `labels` are those that the source lists; `candidates` the columns that are compared;
    `text` is the column it is about; `scores` are those of the first of the labels, where these are levels. `kind` is a
    `QuestionKind` by its value, or a kind that only other tools ask."""

    name: str
    kind: str
    labels: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    text: str = ""
    scores: tuple[float, ...] = ()


@dataclass(frozen=True)
class TableData:
    """Rows read from a file or a hub, all text, before anything is chosen or checked.

    No two columns have the same name. `notes` are sentences on what the reader took the source for; they block nothing.
    `has_types` where the source tells numbers and truth values from texts; `answers` where it tells what annotators
    say. `models` are names in the column of annotators that are models, whose word is a prediction.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    about: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    has_types: bool = False
    answers: tuple[AnswerColumn, ...] = ()
    models: frozenset[str] = frozenset()
