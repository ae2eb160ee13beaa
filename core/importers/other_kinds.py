"""What a table plainly is, where that is no table of texts with one label each: said before anything is imported, since
it could be read as one, with every combination of labels a label of its own and every word an item."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.importers.label_cells import CellKind, read_label
from core.model import TableData

_SAMPLE = 4_000
_TAG = re.compile(r"O|[BIESLU]-\S+")
_MOSTLY = 0.95
_SEPARATORS = ("|", ";", ",", "/", "+")
_FEW = 3
_START = frozenset({"start", "begin", "start_offset", "begin_offset", "start_char", "span_start"})
_END = frozenset({"end", "stop", "end_offset", "end_char", "span_end"})
_OFFERED = frozenset(
    {"response", "answer", "output", "completion", "candidate", "generation", "reply", "summary", "model", "option"}
)
_CHOSEN = frozenset({"chosen", "rejected"})
_SIDE = re.compile(r"(.+?)[ _-]?(1|2|a|b|left|right)")
_LATER = "LabelLoop gives each text one label for now."


@dataclass(frozen=True)
class OtherKind:
    """`title` says what it is; `found` by what that is seen; `todo` what can be done. `stops` where what was chosen is
    of that kind, so that importing it would make something of it that it is not."""

    title: str
    found: str
    todo: str
    stops: bool


def other_kind(table: TableData, labels: Sequence[str]) -> OtherKind | None:
    """None where nothing speaks against texts with one label each; `labels` are the chosen label columns."""
    rows = table.rows[:: len(table.rows) // _SAMPLE + 1]
    columns = {name: [row[place].strip() for row in rows] for place, name in enumerate(table.columns)}
    looks: tuple[Callable[[], OtherKind | None], ...] = (
        lambda: _tokens(columns),
        lambda: _places(columns),
        lambda: _pairs(columns),
        lambda: _several(columns, labels),
    )
    return next((found for look in looks if (found := look()) is not None), None)


def _tokens(columns: dict[str, list[str]]) -> OtherKind | None:
    """CoNLL and its kin: a word a row, and a tag beside it."""
    for cells in columns.values():
        # Parted by spaces, all of a line is one cell, and the tag its last word.
        words = [cell.split() for cell in cells if cell]
        tags = [parts[-1] for parts in words if len(columns) > 1 or len(parts) > 1]
        fits = sum(_TAG.fullmatch(tag) is not None for tag in tags)
        if fits >= _MOSTLY * max(len(words), 1) and len(set(tags)) > 1 and any("-" in tag for tag in tags):
            example = next(tag for tag in tags if "-" in tag)
            return OtherKind(
                "This is a file of tagged words (CoNLL)",
                f"Each row is one word with its tag, such as “{example}”.",
                f"{_LATER} Join the words of each sentence into one text per row, or import other data.",
                stops=True,
            )
    return None


def _places(columns: dict[str, list[str]]) -> OtherKind | None:
    """A span a row, as two numbers."""
    by_name = {name.casefold().replace(" ", "_"): name for name in columns}
    start, end = (next((by_name[one] for one in by_name if one in names), None) for names in (_START, _END))
    if start is None or end is None:
        return None
    both = [(a, b) for a, b in zip(columns[start], columns[end], strict=True) if a or b]
    whole = [(int(a), int(b)) for a, b in both if a.isdecimal() and b.isdecimal()]
    if not whole or len(whole) < _MOSTLY * len(both) or any(a > b for a, b in whole):
        return None
    return OtherKind(
        "These are places in texts (spans)",
        f"The columns “{start}” and “{end}” say where in a text something begins and ends.",
        f"{_LATER} Import the texts with a label for the whole of each instead.",
        stops=True,
    )


def _pairs(columns: dict[str, list[str]]) -> OtherKind | None:
    """Two candidates for one request, to choose between."""
    lower = {name.casefold(): name for name in columns}
    sides: dict[str, list[str]] = {}
    for one, name in lower.items():
        found = _SIDE.fullmatch(one)
        if found is not None and found[1].strip(" _-") in _OFFERED:
            sides.setdefault(found[1].strip(" _-"), []).append(name)
    pairs = [*sides.values(), [lower[one] for one in lower if one in _CHOSEN]]
    pair = next((names for names in pairs if len(names) == 2 and all(map(_is_prose, map(columns.get, names)))), None)
    if pair is None:
        return None
    return OtherKind(
        "These are pairs of answers to choose between",
        f"“{pair[0]}” and “{pair[1]}” contain two answers to the same request.",
        f"{_LATER} To label one answer, import the request and that answer as the text.",
        stops=True,
    )


def _is_prose(cells: list[str] | None) -> bool:
    spoken = [cell for cell in cells or () if cell]
    return bool(spoken) and sum(" " in cell for cell in spoken) > len(spoken) / 2


def _several(columns: dict[str, list[str]], labels: Sequence[str]) -> OtherKind | None:
    for name in (*labels, *(one for one in columns if one not in labels)):
        for parts in _ways_to_part(columns[name]):
            several = [one for one in parts if len(one) > 1]
            if not _are_several(parts):
                continue
            single = len({part for one in parts for part in one})
            combined = len(set(map(tuple, parts)))
            return OtherKind(
                "These texts have several labels each",
                f"In “{name}”, {len(several):,} of {len(parts):,} labelled rows have more than one label, such as "
                f"“{', '.join(several[0])}”: {single:,} labels in {combined:,} combinations.",
                f"{_LATER} Leave that column out, or keep one label per row in the file.",
                stops=name in labels,
            )
    return None


def _ways_to_part(cells: Sequence[str]) -> Iterator[list[list[str]]]:
    """The labels of each labelled cell: as a list holds them, else by each separator that occurs."""
    spoken = [cell for cell in cells if cell]
    listed = [one for cell in spoken if (one := _listed(cell)) is not None]
    if len(listed) > len(spoken) / 2:
        yield listed
        return
    for separator in _SEPARATORS:
        if any(separator in cell for cell in spoken):
            yield [[part.strip() for part in cell.split(separator) if part.strip()] for cell in spoken]


def _listed(cell: str) -> list[str] | None:
    """What a list of names holds; None for all else."""
    said = read_label(cell) if cell[:1] == "[" else None
    if said is None or said.kind not in (CellKind.SEVERAL, CellKind.LABEL):
        return None
    return [said.label] if said.kind is CellKind.LABEL else [part.strip(" '\"") for part in cell[1:-1].split(",")]


def _are_several(parts: Sequence[Sequence[str]]) -> bool:
    """Whether the parts are labels themselves: they come back in other company, or alone. The halves of one long label
    do not, and a text is parted differently each time."""
    combined = {tuple(one) for one in parts if len(one) > 1}
    company: Counter[str] = Counter(part for one in {tuple(one) for one in parts} for part in set(one))
    in_several = {part for one in combined for part in one}
    if len(combined) < _FEW or any(len(part) > 60 for part in in_several):
        return False
    back = sum(company[part] > 1 for part in in_several)
    return back >= 0.8 * len(in_several) and len(company) <= len({tuple(one) for one in parts})
