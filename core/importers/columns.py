"""A first guess at which columns hold the text, the labels and the ids. The user decides."""

import re
from dataclasses import dataclass

from core.model import TableData

_SAMPLE = 1_000
_MOST_LABELS = 100
_LABEL_LENGTH = 60
_TEXT_NAME = re.compile(
    r"text|headline|title|body|content|message|comment|sentence|question|review|description|tweet|utterance|query|post"
)
_LABEL_NAME = re.compile(
    r"label|categor|class|target|intent|topic|sentiment|tag|annotat|gold|reference|emotion|verdict"
)
_ID_NAME = re.compile(r"(?:^|[_\W])(?:id|idx|uuid|guid|key|index|nr|no)$|^unnamed: \d+$|^column \d+$")


@dataclass(frozen=True)
class ColumnGuess:
    """`text` has one column, or none where the table has nothing but ids and labels."""

    text: tuple[str, ...]
    label: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class _Profile:
    name: str
    n: int
    distinct: int
    mean_length: float
    longest: int

    @property
    def is_unique(self) -> bool:
        return self.n > 1 and self.distinct == self.n

    @property
    def looks_like_labels(self) -> bool:
        """Few short values, repeated: on average at least twice, at most a hundred of them."""
        return 2 <= self.distinct <= min(_MOST_LABELS, self.n / 2) and self.longest <= _LABEL_LENGTH


def guess_columns(table: TableData) -> ColumnGuess:
    """Judges names and the first 1,000 rows. Labels: few short values, repeated; a telling name decides among several.
    Id: one value a row and a telling name. Text: of the rest, the longest values, a telling name counting threefold.
    A column gets one role at most."""
    profiles = [_profile(table, place) for place in range(len(table.columns))]
    ids = [one for one in profiles if one.is_unique and _ID_NAME.search(_words(one.name))]
    id_column = ids[0] if ids else None
    rest = [one for one in profiles if one is not id_column]
    text = max((one for one in rest if not _ID_NAME.search(_words(one.name))), key=_text_score, default=None)
    if text is not None and (not text.n or (text.looks_like_labels and not _TEXT_NAME.search(text.name.lower()))):
        text = None
    labels = [one for one in rest if one is not text and one.looks_like_labels]
    label = max(labels, key=_label_score, default=None)
    return ColumnGuess(
        (text.name,) if text else (), label.name if label else None, id_column.name if id_column else None
    )


def _words(name: str) -> str:
    """The name in lower case, `itemId` as `item_id`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()


def _text_score(profile: _Profile) -> float:
    return profile.mean_length * (3 if _TEXT_NAME.search(profile.name.lower()) else 1)


def _label_score(profile: _Profile) -> tuple[bool, float]:
    """A telling name first; else words before numbers, which are as likely measurements."""
    return _LABEL_NAME.search(profile.name.lower()) is not None, profile.mean_length


def _profile(table: TableData, place: int) -> _Profile:
    values = [value for row in table.rows[:_SAMPLE] if (value := row[place].strip())]
    lengths = [len(value) for value in values] or [0]
    return _Profile(table.columns[place], len(values), len(set(values)), sum(lengths) / len(lengths), max(lengths))
