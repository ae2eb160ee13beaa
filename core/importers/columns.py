"""A first guess at which columns hold the text, the labels, the ids, and who gave the labels. The user decides."""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.conversation import lacks_all_roles, turns
from core.importers.label_cells import CellKind, read_label
from core.importers.label_columns import LONGEST_LABEL
from core.importers.long_shape import find_annotator, find_item_id
from core.model import TableData
from core.spelling import same_value

_SAMPLE = 1_000
_MOST_LABELS = 100
_LABEL_LENGTH = 60
_TINY = 10
_LONGEST_NAME = 100
_TALKS_SEEN = 20
_TEXT_NAME = re.compile(
    r"text|headline|title|body|content|message|comment|sentence|question|review|description|tweet|utterance|query|post"
)
_LABEL_NAME = re.compile(
    r"label|categor|class|target|intent|topic|sentiment|tag|annotat|gold|reference|emotion|verdict|coder|rater|judg|answer|stance"
)
_NOT_LABEL_NAME = re.compile(
    r"^(?:confidence|reason|score|note|split|run_id|created_at|timestamp|date|time)\b|confidence:|^(?:flag|field):"
)
_ID_NAME = re.compile(
    r"(?:^|[_\W])(?:id|idx|uuid|guid|key|index|nr|no)$|^unnamed: \d+$|^column \d+$|^(?:item|doc|document)$"
)
_STEM = re.compile(r"(.*?)(?:[:·]\s*.*|[_\s.-]*\d+|[_\s.-]+[^_\s.-]+)$")


@dataclass(frozen=True)
class ColumnGuess:
    """`text` has one column, or none where the table has nothing but ids and labels. `annotator` is there where each
    row looks like one annotation. `spans` are columns that hold places in the text, which are no labels."""

    text: tuple[str, ...]
    labels: tuple[str, ...] = ()
    id: str | None = None
    annotator: str | None = None
    spans: tuple[str, ...] = ()

    @property
    def label(self) -> str | None:
        return self.labels[0] if self.labels else None


@dataclass(frozen=True)
class _Profile:
    """One column. `said` are the labels its cells say, each once; `n` and `longest` are of the cells as written."""

    name: str
    n: int
    distinct: int
    mean_length: float
    longest: int
    said: frozenset[str]
    is_structured: bool
    has_spans: bool
    are_addresses: bool
    has_words: bool

    @property
    def is_unique(self) -> bool:
        return self.n > 1 and self.distinct == self.n

    @property
    def has_telling_name(self) -> bool:
        return _LABEL_NAME.search(self.name.lower()) is not None

    @property
    def looks_like_labels(self) -> bool:
        """Few short values, repeated: on average at least twice, at most a hundred of them. Under a telling name
        nothing need repeat in a handful of rows, and all may say the same."""
        if self.longest > (LONGEST_LABEL if self.has_telling_name else _LABEL_LENGTH):
            return False
        if self.has_telling_name and self.said and (1 < self.n < _TINY or len(self.said) == 1 < self.n):
            return True
        return 2 <= len(self.said) <= min(_MOST_LABELS, self.n / 2)


def is_called_label(name: str) -> bool:
    """Whether the column is called as label columns are."""
    return _LABEL_NAME.search(name.lower()) is not None


def guess_columns(table: TableData, leave_out: Collection[str] = ()) -> ColumnGuess:
    """Judges names and the first 1,000 rows. Labels: few short values, repeated; a telling name decides among several,
    and columns of one kind ("coder_a", "coder_b") go together. Id: one value a row and a telling name. Text: of the
    rest, the one that is called so, or the longest values, a telling name counting threefold. Annotator: see
    `find_annotator`. A column gets one role at most, those to `leave_out` none."""
    profiles = [_profile(table, place) for place, name in enumerate(table.columns) if name not in leave_out]
    ids = [one for one in profiles if one.is_unique and _ID_NAME.search(_words(one.name))]
    id_column = min(ids, key=_is_ours).name if ids else None
    rest = [one for one in profiles if one.name != id_column]
    may_be_text = [one for one in rest if not one.is_structured and not _ID_NAME.search(_words(one.name))]
    text = max(_before_addresses(may_be_text), key=_text_score, default=None)
    if text is not None and (not text.n or (text.looks_like_labels and not _TEXT_NAME.search(text.name.lower()))):
        text = None
    annotator = find_annotator(table, text.name, _SAMPLE) if text else None
    if text and annotator:
        named = [one for one in profiles if _ID_NAME.search(_words(one.name))]
        id_column = find_item_id(table, text.name, [one.name for one in sorted(named, key=_is_ours)])
    taken = {text.name if text else None, annotator, id_column}
    labels = _labels(
        [one for one in profiles if one.name not in taken and not _NOT_LABEL_NAME.search(one.name.lower())]
    )
    spans = tuple(one.name for one in profiles if one.has_spans)
    return ColumnGuess((text.name,) if text else (), labels, id_column, annotator if labels or spans else None, spans)


def _before_addresses(profiles: list[_Profile]) -> list[_Profile]:
    """An address is long, and yet no text where sentences stand beside it."""
    said = [one for one in profiles if one.has_words and not one.looks_like_labels]
    return [one for one in profiles if not one.are_addresses] if said else profiles


def _is_ours(profile: _Profile) -> bool:
    """Whether the column is the number that an export of ours gives an item; an id of the user's goes first."""
    return profile.name == "item_id"


def _labels(profiles: Sequence[_Profile]) -> tuple[str, ...]:
    """The best label column, and those whose names and values are of its kind."""
    best = max((one for one in profiles if one.looks_like_labels), key=_label_score, default=None)
    if best is None:
        return ()
    stem = _stem(best.name)
    return tuple(
        one.name
        for one in profiles
        if one is best or (stem and _stem(one.name) == stem and one.said and _speak_alike(one, best))
    )


def _speak_alike(one: _Profile, best: _Profile) -> bool:
    """Whether half of what one says the other says, too; in an export of ours that need not be."""
    are_ours = one.name.startswith("label:") and best.name.startswith("label:")
    return are_ours or len(one.said & best.said) * 2 >= len(one.said)


def _stem(name: str) -> str:
    """What comes before the annotator in "coder_a", "label 2", "label:ana"; nothing where that tells no label."""
    found = _STEM.fullmatch(name.strip().lower()[:_LONGEST_NAME])
    stem = found.group(1) if found else ""
    return stem if _LABEL_NAME.search(stem) else ""


def _words(name: str) -> str:
    """The name in lower case, `itemId` as `item_id`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()


def _text_score(profile: _Profile) -> float:
    if profile.n and profile.name.strip().lower() == "text":
        return math.inf
    return profile.mean_length * (3 if _TEXT_NAME.search(profile.name.lower()) else 1)


def _label_score(profile: _Profile) -> tuple[bool, bool, float]:
    """A telling name first, then several values; else words before numbers, which are as likely measurements."""
    return profile.has_telling_name, len(profile.said) > 1, profile.mean_length


def _profile(table: TableData, place: int) -> _Profile:
    values = [value for row in table.rows[:_SAMPLE] if (value := row[place].strip())]
    lengths = [len(value) for value in values] or [0]
    kinds = [read_label(value) for value in set(values)]
    is_telling = _LABEL_NAME.search(table.columns[place].lower()) is not None
    sure = (CellKind.LABEL, CellKind.MARKED) if is_telling else (CellKind.LABEL,)
    said = frozenset(same_value(cell.label) for cell in kinds if cell.kind in sure)
    longest = max((len(cell.label) for cell in kinds), default=0)
    mean = sum(lengths) / len(lengths)
    has_spans = any(cell.kind is CellKind.SPANS for cell in kinds)
    nested = sum(value[0] in "[{" and value[-1] in "]}" for value in values)
    return _Profile(
        table.columns[place],
        len(values),
        len(set(values)),
        mean,
        longest,
        said,
        nested * 2 > len(values) and not _are_talks(values),
        has_spans,
        sum(value.startswith(("https://", "http://")) for value in values) * 2 > len(values),
        sum(" " in value for value in values) * 2 > len(values),
    )


def _are_talks(values: Sequence[str]) -> bool:
    """Whether the first cells are conversations, which are texts to be judged however they are held; one that stands
    in all rows is what they have in common. In many it may stand, where each row is one annotation."""
    are_apart = len(values) < 2 or len(set(values)) > 1
    return are_apart and all(turns(value) or lacks_all_roles(value) for value in values[:_TALKS_SEEN])
