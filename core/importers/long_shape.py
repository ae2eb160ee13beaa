"""Tables in which each row is one annotation: who gave it, of which item."""

import re
from collections.abc import Sequence

from core.model import TableData
from core.spelling import same_id, same_text, same_value

_WHO = re.compile(
    r"(?:annotator|coder|rater|labell?er|assessor|grader|turker|annotated[_\s]?by|labell?ed[_\s]?by|completed[_\s]?by)"
    r"(?:[_\s]?(?:id|name|email|no|nr))?"
)
_MAYBE_WHO = re.compile(
    r"(?:worker|user|judge|reviewer|expert|person|participant|who|created[_\s]?by|author|email)"
    r"(?:[_\s]?(?:id|name|email))?"
)
_MOST_TWICE = 0.2
_LEAST_SHARED = 0.2
_LONGEST_NAME = 100


def find_annotator(table: TableData, text_column: str, sample: int) -> str | None:
    """The column that says who gave the label, where the first rows look like one annotation each.

    A name such as "annotator" is enough, as long as hardly anybody comes twice for one text; a name such as "user" also
    needs that a good part of the rows are about a text that somebody else has labelled, for it may be who wrote it.
    """
    text_place = table.columns.index(text_column)
    rows = [row for row in table.rows[:sample] if row[text_place].strip()]
    texts = [same_text(row[text_place]) for row in rows]
    for pattern, is_certain in ((_WHO, True), (_MAYBE_WHO, False)):
        for place, name in enumerate(table.columns):
            if name == text_column or not pattern.fullmatch(_words(name)):
                continue
            if _tells_who([row[place] for row in rows], texts, is_certain):
                return name
    return None


def says_who(name: str) -> bool:
    """Whether the column is called as one that says who annotated, and nothing else."""
    return _WHO.fullmatch(_words(name)) is not None


def find_item_id(table: TableData, text_column: str, candidates: Sequence[str]) -> str | None:
    """The first candidate that comes again with its text and never with another; the id of an annotation does not."""
    text_place = table.columns.index(text_column)
    for name in candidates:
        place = table.columns.index(name)
        text_of: dict[str, str] = {}
        filled = [(same_id(row[place]), same_text(row[text_place])) for row in table.rows if row[place].strip()]
        is_of_one_text = all(text_of.setdefault(own, text) == text for own, text in filled)
        comes_again = len(text_of) < len(filled) or len({text for _, text in filled}) == len(filled)
        if filled and is_of_one_text and comes_again:
            return name
    return None


def _tells_who(cells: Sequence[str], texts: Sequence[str], is_certain: bool) -> bool:
    named = [(same_value(cell), text) for cell, text in zip(cells, texts, strict=True) if cell.strip()]
    if not named or max(len(who) for who, _ in named) > _LONGEST_NAME:
        return False
    people = {who for who, _ in named}
    texts_of_some = {text for _, text in named}
    if len(people) == len(named) == len(texts_of_some):
        return False
    twice = 1 - len(set(named)) / len(named)
    if is_certain:
        return twice <= 0.5
    shared = 1 - len(texts_of_some) / len(named)
    return len(people) > 1 and twice <= _MOST_TWICE and shared >= _LEAST_SHARED


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()
