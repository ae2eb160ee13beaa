"""Tables in which each row is one span: with its start and end, or, as in MQM, marked in the text itself.

The rows of one text by one person become one row with all of their spans.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.importers.answer_kinds import Kind
from core.importers.columns import guess_columns
from core.importers.long_shape import says_who
from core.model import AnswerColumn, TableData
from core.plural import count
from core.text import whole_in

COLUMN = "spans"
START = frozenset({"start", "begin", "start_offset", "begin_offset", "start_char", "span_start"})
END = frozenset({"end", "stop", "end_offset", "end_char", "span_end"})
_LABEL = frozenset({"label", "type", "tag", "category", "entity", "entity_type", "span_label"})
_QUOTE = frozenset({"span", "quote", "span_text", "phrase", "mention"})
_MARK = re.compile(r"</?v>")
_MQM = frozenset({"source", "target", "category", "severity"})
_NO_ERROR = frozenset({"no-error", "no error", "noerror"})
_UNNAMED = "span"

Row = Sequence[str]
Spans = Callable[[Row], list[dict[str, object]]]


def spans_by_row(table: TableData) -> TableData:
    """The same table, where its rows are no spans; else one row for each text and person, and a sentence that says so.
    What differs between rows of one text is kept as the first of them has it."""
    lower = {name.casefold().replace(" ", "_"): name for name in table.columns}
    if lower.keys() >= _MQM and any("<v>" in row[table.columns.index(lower["target"])] for row in table.rows):
        return _mqm(table, lower)
    start, end = (next((lower[one] for one in lower if one in names), "") for names in (START, END))
    text = guess_columns(table, leave_out=[name for name in (start, end) if name]).text
    if not start or not end or not text or not _are_numbers(table, start, end) or not _is_prose(table, text[0]):
        return table
    label, quote = (next((lower[one] for one in lower if one in names), "") for names in (_LABEL, _QUOTE))
    place = {name: table.columns.index(name) for name in (start, end, label, quote) if name}

    def spans_of(row: Row) -> list[dict[str, object]]:
        if not row[place[start]].strip():
            return []
        named = row[place[label]].strip() if label else ""
        held: dict[str, object] = {
            "start": int(row[place[start]]),
            "end": int(row[place[end]]),
            "label": named or _UNNAMED,
        }
        return [held | {"text": row[place[quote]]} if quote and row[place[quote]] else held]

    who = [name for name in table.columns if says_who(name) and name not in place]
    return _joined(table, text[0], [text[0], *who], [*place], spans_of, "Rows are single spans")


def _are_numbers(table: TableData, start: str, end: str) -> bool:
    places = [table.columns.index(name) for name in (start, end)]
    cells = [row[place].strip() for row in table.rows for place in places]
    return any(cells) and all(whole_in(cell) is not None for cell in cells if cell)


def _is_prose(table: TableData, name: str) -> bool:
    place = table.columns.index(name)
    spoken = [row[place] for row in table.rows if row[place].strip()]
    return 2 * sum(" " in cell.strip() for cell in spoken) > len(spoken)


def _mqm(table: TableData, lower: dict[str, str]) -> TableData:
    """Errors of translations: the marked part of the target, with severity and category as its label."""
    target, source = (table.columns.index(lower[name]) for name in ("target", "source"))
    category, severity = (table.columns.index(lower[name]) for name in ("category", "severity"))

    def spans_of(row: Row) -> list[dict[str, object]]:
        first, second = (row[target].find(mark) for mark in ("<v>", "</v>"))
        if first < 0 or second < first or row[category].strip().casefold() in _NO_ERROR:
            return []
        label = f"{row[severity].strip()}: {row[category].strip()}".strip(": ")
        return [{"start": first, "end": second - len("<v>"), "label": label, "text": row[target][first + 3 : second]}]

    bare = [
        [_MARK.sub("", cell) if at in (target, source) else cell for at, cell in enumerate(row)] for row in table.rows
    ]
    by_bare = {id(plain): row for plain, row in zip(bare, table.rows, strict=True)}
    keys = [
        name for one, name in lower.items() if one in ("system", "doc", "doc_id", "seg_id", "rater", "target", "source")
    ]
    taken = [lower["category"], lower["severity"]]
    plain = replace(table, rows=bare)
    return _joined(plain, lower["target"], keys, taken, lambda row: spans_of(by_bare[id(row)]), "Recognised as MQM")


def _joined(
    table: TableData, text: str, keys: Sequence[str], taken: Sequence[str], spans_of: Spans, title: str
) -> TableData:
    """One row for what is the same in the `keys`, without the columns that were `taken` up in its spans."""
    key_places = [table.columns.index(name) for name in keys]
    kept = [at for at, name in enumerate(table.columns) if name not in taken]
    first: dict[tuple[str, ...], Row] = {}
    spans: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in table.rows:
        if not any(cell.strip() for cell in row):
            continue
        key = tuple(row[place] for place in key_places)
        first.setdefault(key, row)
        spans.setdefault(key, []).extend(spans_of(row))
    rows = [[*(row[at] for at in kept), json.dumps(spans[key], ensure_ascii=False)] for key, row in first.items()]
    columns = (*(table.columns[at] for at in kept), COLUMN)
    marked = sum(map(len, spans.values()))
    held = f"{count(len(table.rows), 'row')} with {count(marked, 'span')} of “{text}”"
    note = f"{title}: {held} became {count(len(rows), 'row')}."
    answers = (AnswerColumn(COLUMN, Kind.SPANS, text=text),)
    return replace(table, columns=columns, rows=rows, notes=(*table.notes, note), answers=answers)
