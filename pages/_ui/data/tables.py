"""The tables of the Data page as frames: pure functions, without Streamlit."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from core.model import Annotator, Item, Problem, TableData
from core.services.data.bringing import Check, ImportChoice
from core.tasks import fold

MOST_COLUMNS = 30
_CELL = 300
_TEXT = 140
_ROWS_NAMED = 10
# Of a chip in a table, in pixels: capitals at the table's size, and the chip's and the cell's edges.
_LETTER, _AROUND = 7, 32
_NARROWEST, _WIDEST = 120, 300


def role_labels(table: TableData, choice: ImportChoice) -> dict[str, str]:
    """The heading of each column in the preview: its name, and what it is chosen for."""
    roles = (
        {choice.id_column: "id"}
        | dict.fromkeys(choice.label_columns, "label")
        | dict.fromkeys(choice.text_columns, "text")
    )
    return {name: f"{name} — as {roles[name]}" if name in roles else name for name in table.columns}


def preview_frame(table: TableData, choice: ImportChoice, rows: int) -> pd.DataFrame:
    """The first rows, the chosen columns first; long cells cut."""
    names = table.columns
    chosen = [*choice.text_columns, *choice.label_columns, *([choice.id_column] if choice.id_column else [])]
    order = sorted(range(len(names)), key=lambda place: (_rank(table.columns[place], chosen), place))[:MOST_COLUMNS]
    cells = [[cut(row[place], _CELL) for place in order] for row in table.rows[:rows]]
    return pd.DataFrame(cells, columns=[names[place] for place in order], dtype="str")


def _rank(name: str, chosen: Sequence[str]) -> int:
    return chosen.index(name) if name in chosen else len(chosen)


def problem_frame(problems: Iterable[Problem]) -> pd.DataFrame:
    """One problem a line, where it is and what to do."""
    lines = [
        {"Row": problem.row, "Column": problem.column or "", "Problem": problem.message, "What to do": problem.hint}
        for problem in problems
    ]
    return pd.DataFrame(lines, columns=["Row", "Column", "Problem", "What to do"]).astype({"Row": "Int64"})


def spoken_problems(problems: Sequence[Problem]) -> str:
    """What stands in the way, as one sentence; of several how many they are, and where."""
    first = problems[0]
    if len(problems) == 1:
        return f"{first.message} {first.hint}".strip()
    rows = [f"{row:,}" for row in dict.fromkeys(problem.row for problem in problems) if row is not None]
    more = ", …" if len(rows) > _ROWS_NAMED else ""
    where = f" (rows {', '.join(rows[:_ROWS_NAMED])}{more})" if rows[1:] else ""
    total = f"Nothing can be imported until these {len(problems):,} problems are mended{where}."
    return f"{total} The first: {first.message}"


def duplicate_frame(check: Check, limit: int = 200) -> pd.DataFrame:
    """Repeated texts, most frequent first, with the rows that hold them."""
    lines = [
        {
            "Times": duplicate.count,
            "Rows": ", ".join(f"{row:,}" for row in duplicate.rows)
            + (" …" if duplicate.count > len(duplicate.rows) else ""),
            "Text": cut(duplicate.text, _CELL),
        }
        for duplicate in check.duplicates[:limit]
    ]
    return pd.DataFrame(lines, columns=["Times", "Rows", "Text"])


def spelling_frame(check: Check) -> pd.DataFrame:
    """Spellings that differ only in case, spaces or underscores from a more frequent one; spaces made visible."""
    lines = [
        {"As written": visible(spelling), "Rows": check.label_counts[spelling], "Counts as": best}
        for spelling, best in check.label_variants.items()
    ]
    return pd.DataFrame(lines, columns=["As written", "Rows", "Counts as"])


def distinct_labels(check: Check, merged: Mapping[str, str]) -> int:
    """How many labels are left once the spellings are merged so."""
    return len({fold(merged.get(spelling, spelling)) for spelling in check.label_counts})


def visible(spelling: str) -> str:
    """The spelling with its outer and doubled spaces shown as dots."""
    lead = len(spelling) - len(spelling.lstrip())
    trail = len(spelling.rstrip())
    inner = spelling[lead:trail].replace("  ", "··")
    return "·" * lead + inner + "·" * (len(spelling) - trail)


def item_frame(
    items: Sequence[Item], labels: Mapping[int, Mapping[int, str]], annotators: Sequence[Annotator]
) -> pd.DataFrame:
    """One item a line: its text, its split, and one column an annotator, each holding a list of one label or none."""
    lines = [
        {"id": item.id, "Text": cut(" ".join(item.text[: 2 * _TEXT].split()), _TEXT), "Split": item.split or ""}
        | {column_of(one): _chip(labels.get(item.id, {}).get(one.id)) for one in annotators}
        for item in items
    ]
    return pd.DataFrame(lines, columns=["id", "Text", "Split", *(column_of(one) for one in annotators)])


def column_of(annotator: Annotator) -> str:
    return f"annotator-{annotator.id}"


def _chip(label: str | None) -> list[str]:
    return [label] if label else []


def chip_width(labels: Sequence[str]) -> int:
    """Pixels that show the longest label's chip whole, within reason."""
    longest = max(map(len, labels), default=0)
    return min(_WIDEST, max(_NARROWEST, _AROUND + _LETTER * longest))


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
