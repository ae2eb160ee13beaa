"""The tables of the Data page as frames: pure functions, without Streamlit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from core.model import FieldShow, Problem, TableData
from core.services.data.bringing import Check, ImportChoice, fold, shown_answer, visible
from core.services.media.vocabulary import parse_reference
from pages._ui.words.parts import told

MOST_COLUMNS = 30
_CELL = 300
_SPELLING = 84
_ROWS_NAMED = 10
_LINES = 200


def role_labels(table: TableData, choice: ImportChoice) -> dict[str, str]:
    """The heading of each column in the preview: its name, and what it is chosen for."""
    roles = choice.roles | {name: _what_is_in(table, name) for name in choice.text_columns}
    return {name: f"{name} — as {roles[name]}" if name in roles else name for name in table.columns}


def _what_is_in(table: TableData, name: str) -> str:
    """`text`; of files `picture`, `sound` or `film`."""
    place = table.columns.index(name)
    found = parse_reference(next((row[place] for row in table.rows if row[place]), ""))
    return str(found.format.show) if found else "text"


def preview_frame(table: TableData, choice: ImportChoice, rows: int) -> pd.DataFrame:
    """The first rows, the chosen columns first; long cells cut, answers in words."""
    names = table.columns
    others = (choice.annotator_column, choice.id_column)
    chosen = [*choice.text_columns, *choice.candidates, *choice.label_columns, *(name for name in others if name)]
    order = sorted(range(len(names)), key=lambda place: (_rank(table.columns[place], chosen), place))[:MOST_COLUMNS]
    text = names.index(choice.text_columns[0]) if choice.text_columns else None

    def shown(row: Sequence[str], place: int) -> str:
        if text is not None and names[place] in choice.label_columns:
            return cut(shown_answer(choice.kind, row[place], told(row[text])), _CELL)
        return cut(told(row[place]), _CELL)

    cells = [[shown(row, place) for place in order] for row in table.rows[:rows]]
    return pd.DataFrame(cells, columns=[names[place] for place in order], dtype="str")


def picture_columns(frame: pd.DataFrame) -> list[str]:
    """The columns whose cells are all pictures' references, or empty, and not all of them empty."""
    found = []
    for name in frame.columns:
        held = [parse_reference(cell) for cell in frame[name] if cell]
        if held and all(one is not None and one.format.show is FieldShow.PICTURE for one in held):
            found.append(name)
    return found


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
    total = f"Nothing can be imported until these {len(problems):,} problems are fixed{where}."
    return f"{total} The first: {first.message}"


def duplicate_frame(check: Check, limit: int = 200) -> pd.DataFrame:
    """Repeated texts, most frequent first, with the rows that hold them."""
    lines = [
        {
            "Times": duplicate.count,
            "Rows": ", ".join(f"{row:,}" for row in duplicate.rows)
            + (" …" if duplicate.count > len(duplicate.rows) else ""),
            "Text": cut(told(duplicate.text), _CELL),
        }
        for duplicate in check.duplicates[:limit]
    ]
    return pd.DataFrame(lines, columns=["Times", "Rows", "Text"])


@dataclass(frozen=True)
class Line:
    """A cell of a label column: as it is shown, in how many rows, why it is asked about, and what it counts as."""

    cell: str
    shown: str
    rows: int
    counts_as: str
    why: str = ""


def spelling_lines(check: Check, limit: int = _LINES) -> list[Line]:
    """Spellings that are another way to write a more frequent one; what does not show is made visible."""
    found = sorted(check.label_variants.items(), key=lambda one: -check.label_counts[one[0]])[:limit]
    return [
        Line(spelling, cut(shown(spelling), _SPELLING), check.label_counts[spelling], best) for spelling, best in found
    ]


def asked_lines(check: Check, limit: int = _LINES) -> list[Line]:
    """Cells of which it is not clear that they are a label, the most frequent first."""
    found = list(check.asked.items())[:limit]
    return [
        Line(cell, cut(shown(cell), _SPELLING), check.label_counts[cell], one.counts_as, one.why) for cell, one in found
    ]


def conflict_frame(check: Check, choice: ImportChoice) -> pd.DataFrame:
    """Who says several things of one item, by the name the annotator is given, in the order of the rows."""
    lines = [
        {
            "Who": choice.annotator_names.get(one.who) or one.who,
            "Says": " → ".join(shown_answer(choice.kind, label, one.text) for label in one.labels),
            "Rows": ", ".join(f"{row:,}" for row in one.rows),
            "Text": cut(told(one.text), _CELL),
        }
        for one in check.conflicts
    ]
    return pd.DataFrame(lines, columns=["Who", "Says", "Rows", "Text"])


def distinct_labels(check: Check, merged: Mapping[str, str]) -> int:
    """How many labels are left once the spellings are merged so; what counts as nothing is none."""
    return len({fold(merged.get(spelling, spelling)) for spelling in check.label_counts} - {""})


def shown(spelling: str) -> str:
    """The spelling with its outer and doubled spaces as dots, and characters that show nothing by their number."""
    lead = len(spelling) - len(spelling.lstrip())
    trail = len(spelling.rstrip())
    inner = spelling[lead:trail].replace("  ", "··")
    marked = "".join(one if one.isascii() or visible(one) else f"⟨{ord(one):04X}⟩" for one in inner)
    return "·" * lead + marked + "·" * (len(spelling) - trail)


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
