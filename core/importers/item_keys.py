"""Which rows are about one item: those of one text, or, where each row is one annotation, of one id."""

from collections.abc import Mapping, Sequence

from core.model import TableData
from core.spelling import same_id, same_text


def joined_text(table: TableData, text_columns: Sequence[str]) -> list[str]:
    """The text of every row: the one column as it is, or several joined by line breaks without the blank ones."""
    places = [table.columns.index(name) for name in text_columns]
    if len(places) == 1:
        return [row[places[0]] for row in table.rows]
    return ["\n".join([row[place] for place in places if row[place].strip()]) for row in table.rows]


def keys_told_apart(table: TableData, texts: Sequence[str], told_by: Sequence[str]) -> list[str]:
    """As `text_keys`, with what else tells items of one text apart, such as the candidates to compare."""
    keys = text_keys(texts)
    places = [table.columns.index(name) for name in told_by]
    if not places:
        return keys
    # Folded one by one, since to fold them together would lose where one ends.
    return [
        "\x1f".join((key, *(same_text(row[place]) for place in places)))
        for key, row in zip(keys, table.rows, strict=True)
    ]


def text_keys(texts: Sequence[str]) -> list[str]:
    """What tells one text from another, by row: programs that hand a file on trim texts and change their line ends."""
    return list(map(same_text, texts))


def item_keys(table: TableData, same_texts: Sequence[str], id_column: str | None, is_long: bool) -> Sequence[str]:
    """What tells one item from another: the text (see `text_keys`), or in tables of annotations the id where there is
    one.

    An id written 1.0 is 1 where the text is the same. A row without an id is about the item of its text, if that is
    one item.
    """
    if not is_long or id_column is None:
        return same_texts
    place = table.columns.index(id_column)
    ids = _own_ids([row[place].strip() for row in table.rows], same_texts)
    ids_of = ids_by_text(ids, same_texts)
    return [f"id {own}" if own else _by_text(text, ids_of) for own, text in zip(ids, same_texts, strict=True)]


def ids_by_text(ids: Sequence[str], same_texts: Sequence[str]) -> dict[str, set[str]]:
    """The ids that rows of one text have."""
    found: dict[str, set[str]] = {}
    for own, text in zip(ids, same_texts, strict=True):
        if own:
            found.setdefault(text, set()).add(own)
    return found


def _own_ids(written: Sequence[str], same_texts: Sequence[str]) -> list[str]:
    """The ids, those of one text that differ only in how they are written as the first of them; of two texts, as they
    are."""
    known = {own: same_id(own) for own in set(written)}
    first: dict[str, tuple[str, str]] = {}
    ids = []
    for own, text in zip(written, same_texts, strict=True):
        earlier, its_text = first.setdefault(known[own], (own, text))
        ids.append(earlier if its_text == text else own)
    return ids


def _by_text(text: str, ids_of: Mapping[str, set[str]]) -> str:
    ids = ids_of.get(text, ())
    return f"id {next(iter(ids))}" if len(ids) == 1 else f"text {text}"
