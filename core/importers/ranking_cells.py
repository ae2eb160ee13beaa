"""Columns of rankings, and of what is ranked: as tables hold them, before anything is chosen.

A ranking in ranks, one column a candidate ("rank_1", "rank_2" beside "response_1", "response_2"), becomes one column;
a list of candidates in one cell becomes a column each.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.label_cells import parsed
from core.model import AnswerColumn, TableData
from core.text import whole_in

MOST_CANDIDATES = 9
COLUMN = "ranking"
_SAMPLE = 4_000
_FIRST = 50
_MOSTLY = 0.95
_SIGNS = re.compile(r"[>=~]+")
_RANK = re.compile(r"(?:rank|ranking)[ _-]?(.+)|(.+?)[ _-]rank", re.IGNORECASE)
_CALLED = re.compile(r"\b(?:rank(?:s|ing|ings|ed)?|order)\b", re.IGNORECASE)
_LISTED = re.compile(
    r"(candidate|response|completion|answer|output|generation|option|summarie|reply|replie|text)s", re.IGNORECASE
)
_SINGULAR = {"summarie": "summary", "replie": "reply"}
_TEXTS = ("response", "text", "completion", "content", "output", "answer", "body")
_SCORES = ("overall_score", "score", "rating")


def rankings_by_item(table: TableData) -> TableData:
    """The same table, with one column for what was ranked in several, and one for each candidate of a list."""
    if table.problems or table.answers or not table.rows:
        return table
    return _too_many_told(_joined(_spread(table)))


def _too_many_told(table: TableData) -> TableData:
    """With a note where more candidates are put in order than can be."""
    notes = []
    for place, name in enumerate(table.columns):
        spoken = [names for row in table.rows[:_FIRST] if len(names := named_in(row[place])) > MOST_CANDIDATES]
        among = [names for names in spoken if {*names} <= {*table.columns}]
        if among:
            notes.append(_too_many(name, max(map(len, among)), "puts in order"))
    return replace(table, notes=(*table.notes, *notes)) if notes else table


def _too_many(name: str, n: int, does: str) -> str:
    return f"“{name}” {does} {n:,} candidates: a ranking is of {MOST_CANDIDATES} at most, so it cannot be asked."


def named_in(cell: str) -> list[str]:
    """The names in a cell that may be a ranking, by its form; nothing where it can be none."""
    text = cell.strip()
    if text[:1] not in ("[", "{"):
        return [name.strip() for name in _SIGNS.split(text) if name.strip()] if ">" in text else []
    try:
        held = parsed(text)
    except ValueError:
        return []
    if isinstance(held, dict):
        held = list(held) if all(isinstance(one, int | float) for one in held.values()) else list(held.values())
    if isinstance(held, list) and held and all(isinstance(one, dict) and "rank" in one for one in held):
        held = [one.get("value", one.get("name", "")) for one in held]
    groups = [one if isinstance(one, list) else [one] for one in held] if isinstance(held, list) else []
    return [str(name) for group in groups for name in group if isinstance(name, str | int)]


def ranked_columns(table: TableData, called_alike: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Columns of rankings, and the columns that hold what is ranked: those that their cells name; else those of prose
    that are `called_alike`, where a column is called as a ranking is."""
    found: dict[str, list[list[str]]] = {}
    for place, name in enumerate(table.columns):
        cells = [row[place] for row in table.rows[:: len(table.rows) // _SAMPLE + 1] if row[place].strip()]
        ranked = [names for cell in cells if len(names := named_in(cell)) > 1]
        if ranked and len(ranked) >= _MOSTLY * len(cells):
            found[name] = ranked
    for ranked in found.values():
        every = {one for names in ranked for one in names}
        fields = tuple(one for one in table.columns if one in every and one not in found)
        if 2 <= len(fields) <= MOST_CANDIDATES and _are_among(ranked, fields):
            return tuple(one for one, other in found.items() if _are_among(other, fields)), fields
    called = tuple(name for name in found if _CALLED.search(name.replace("_", " ")))
    return (called, tuple(called_alike)) if called and 2 <= len(called_alike) <= MOST_CANDIDATES else None


def _are_among(ranked: Sequence[Sequence[str]], fields: Sequence[str]) -> bool:
    return sum({*names} <= {*fields} for names in ranked) >= _MOSTLY * len(ranked)


def _joined(table: TableData) -> TableData:
    """Ranks in columns of their own, each beside the candidate of its name, as one column."""
    beside: dict[str, str] = {}
    for name in table.columns:
        found = _RANK.fullmatch(name.strip())
        candidate = found and _candidate(table, (found[1] or found[2]).strip(), name)
        if candidate and _are_ranks(table, name):
            beside[candidate] = name
    candidates = tuple(name for name in table.columns if name in beside)
    if not 2 <= len(candidates) <= MOST_CANDIDATES or COLUMN in table.columns:
        return table
    at = {name: table.columns.index(beside[name]) for name in candidates}
    kept = [place for place, name in enumerate(table.columns) if name not in beside.values()]
    rows = [
        [*(row[place] for place in kept), _ranks({name: row[at[name]].strip() for name in at})] for row in table.rows
    ]
    columns = (*(table.columns[place] for place in kept), COLUMN)
    note = f"The columns {', '.join(f'“{beside[name]}”' for name in candidates)} are ranks: they became “{COLUMN}”."
    answers = (AnswerColumn(COLUMN, Kind.RANKING, candidates=candidates),)
    return replace(table, columns=columns, rows=rows, notes=(*table.notes, note), answers=answers)


def _candidate(table: TableData, called: str, rank_column: str) -> str | None:
    """The column that a column of ranks is about: called so, or so at its end."""
    others = [name for name in table.columns if name != rank_column and not _RANK.fullmatch(name.strip())]
    exact = [name for name in others if name.casefold() == called.casefold()]
    ends = [name for name in others if re.fullmatch(rf".+[ _-]{re.escape(called)}", name, re.IGNORECASE)]
    return next(iter(exact), None) or (ends[0] if len(ends) == 1 else None)


def _are_ranks(table: TableData, name: str) -> bool:
    place = table.columns.index(name)
    spoken = [row[place].strip() for row in table.rows if row[place].strip()]
    ranks = [rank for cell in spoken if (rank := whole_in(cell)) is not None and rank <= MOST_CANDIDATES]
    return bool(spoken) and len(ranks) >= _MOSTLY * len(spoken)


def _ranks(given: dict[str, str]) -> str:
    """The rank of each candidate; nothing where none has any. One that has none is not ranked."""
    said = {name: cell if (rank := whole_in(cell)) is None else rank for name, cell in given.items() if cell}
    return json.dumps(said, ensure_ascii=False) if said else ""


def _spread(table: TableData) -> TableData:
    """A column with a list of candidates in each cell becomes a column a candidate; with a score beside each of them,
    their order is a ranking."""
    for place, name in enumerate(table.columns):
        found = _LISTED.fullmatch(name.strip().split("_")[-1])
        lists = [_listed(row[place]) for row in table.rows] if found else []
        spoken = sum(bool(row[place].strip()) for row in table.rows)
        if found and spoken and sum(one is not None for one in lists) >= _MOSTLY * spoken:
            stem = _SINGULAR.get(found[1].lower(), found[1].lower())
            return _with_columns(table, place, stem, [one or [] for one in lists])
    return table


def _with_columns(table: TableData, place: int, stem: str, lists: Sequence[Sequence[tuple[str, Any]]]) -> TableData:
    most = max(map(len, lists))
    if most > MOST_CANDIDATES:
        return replace(table, notes=(*table.notes, _too_many(table.columns[place], most, "lists up to")))
    names = tuple(f"{stem} {number}" for number in range(1, most + 1))
    has_scores = all(score is not None for one in lists for _, score in one) and COLUMN not in table.columns
    if {*names} & {*table.columns}:
        return table
    rows = []
    for row, candidates in zip(table.rows, lists, strict=True):
        texts = [text for text, _ in candidates]
        more = [_by_score(dict(zip(names, (score for _, score in candidates), strict=False)))] if has_scores else []
        rows.append([*row[:place], *row[place + 1 :], *texts, *[""] * (most - len(texts)), *more])
    columns = (*table.columns[:place], *table.columns[place + 1 :], *names, *([COLUMN] if has_scores else ()))
    note = f"“{table.columns[place]}” lists candidates: each has become a column, “{names[0]}” and on."
    note += f" “{COLUMN}” is their order by score." if has_scores else ""
    answers = (AnswerColumn(COLUMN, Kind.RANKING, candidates=names),) if has_scores else ()
    return replace(table, columns=columns, rows=rows, notes=(*table.notes, note), answers=answers)


def _by_score(scores: dict[str, Any]) -> str:
    levels = sorted({float(score) for score in scores.values()}, reverse=True)
    groups = [[name for name, score in scores.items() if float(score) == level] for level in levels]
    return json.dumps(groups, ensure_ascii=False) if groups else ""


def _listed(cell: str) -> list[tuple[str, Any]] | None:
    """The texts of a list of candidates, each with its score where it has one; None where it is no such list."""
    if cell.strip()[:1] != "[":
        return None
    try:
        held = parsed(cell.strip())
    except ValueError:
        return None
    if not isinstance(held, list) or not held:
        return None
    found = [_told(one) for one in held]
    return [one for one in found if one is not None] if all(found) else None


def _told(one: Any) -> tuple[str, Any] | None:
    if isinstance(one, str):
        return one, None
    if not isinstance(one, dict):
        return None
    text = next((one[key] for key in _TEXTS if isinstance(one.get(key), str)), None)
    score = next((one[key] for key in _SCORES if type(one.get(key)) in (int, float)), None)
    return None if text is None else (text, score)
