"""Cells that hold several labels: as a list, or with a sign between that the whole column has."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from core.importers.label_cells import CellKind, is_missing, is_printed_nothing, parsed, read_label

SEPARATORS = ("|", ";", ",", "/", "+")
_FEW = 3
_PLAIN = ("|", ";")
"""Signs that hardly stand within the name of one label: with them a few combinations are proof."""
_LONGEST = 60
_MOSTLY = 0.8
_WRAPPERS = ("choices", "labels", "label", "value")


def separator_of(cells: Sequence[str]) -> str:
    """The sign between the labels of one cell, as the cells together tell; nothing where no sign parts them so. The
    cells are known to hold several, so that one that is plainly between labels needs no more proof."""
    ways = dict(_ways_to_part([cell for cell in cells if cell.strip()]))
    for sign, parts in ways.items():
        if sign and are_several(parts, sign):
            return sign
    short = (
        sign for sign in _PLAIN if sign in ways and all(len(name) <= _LONGEST for one in ways[sign] for name in one)
    )
    return next(short, "")


def names_in(cell: str, separator: str) -> list[str] | None:
    """The labels in a cell, each once and in their order; None where it says nothing, which an empty list may mean or
    not. Raises ValueError with a sentence for lists of something else than names."""
    text = cell.strip()
    if not text or is_printed_nothing(text):
        return None
    if text[0] in "[({" and (held := _held(text)) is not None:
        return held
    parts = text.split(separator) if separator else [text]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _held(text: str) -> list[str] | None:
    """What a list holds, or an object that marks names with 1; None for a text that only begins so."""
    try:
        value = parsed(text)
    except ValueError:
        return None
    if isinstance(value, Mapping) and value:
        wrapped = next((value[key] for key in _WRAPPERS if len(value) == 1 and key in value), None)
        is_marked = all(type(one) in (int, float, bool) and one in (0, 1) for one in value.values())
        if not is_marked and not isinstance(wrapped, str | list | tuple):
            raise ValueError(f"“{text[:60]}” is no list of the names of labels.")
        value = [name for name, one in value.items() if one] if is_marked else wrapped
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple):
        return None
    if any(isinstance(one, list | tuple | Mapping) for one in value):
        raise ValueError(f"“{text[:60]}” is no list of the names of labels.")
    return list(dict.fromkeys(str(one).strip() for one in value if not is_missing(one) and str(one).strip()))


def several(cells: Sequence[str], *, is_named: bool = False) -> list[list[str]]:
    """The labels of each cell, where the cells of a column plainly hold several; nothing where they do not. Lists need
    no more proof than one of two in a column that is called as labels are."""
    for sign, parts in _ways_to_part([cell for cell in cells if cell]):
        is_list = not sign and is_named and any(len(one) > 1 for one in parts)
        if is_list and all(len(name) <= _LONGEST for one in parts for name in one) or are_several(parts, sign):
            return parts
    return []


def _ways_to_part(spoken: Sequence[str]) -> Iterator[tuple[str, list[list[str]]]]:
    """The labels of each labelled cell: as a list holds them, else by each separator that occurs."""
    listed = [one for cell in spoken if (one := _listed(cell)) is not None]
    if len(listed) > len(spoken) / 2:
        yield "", listed
        return
    for separator in SEPARATORS:
        if any(separator in cell for cell in spoken):
            yield separator, [[part.strip() for part in cell.split(separator) if part.strip()] for cell in spoken]


def _listed(cell: str) -> list[str] | None:
    """What a list of names holds; None for all else."""
    if cell == "[]":
        return []
    said = read_label(cell) if cell[:1] == "[" else None
    if said is None or said.kind not in (CellKind.SEVERAL, CellKind.LABEL):
        return None
    return [said.label] if said.kind is CellKind.LABEL else [part.strip(" '\"") for part in cell[1:-1].split(",")]


def are_several(parts: Sequence[Sequence[str]], sign: str = "") -> bool:
    """Whether the parts are labels themselves: they come back in other company, or alone. The halves of one long label
    do not, and a text is parted differently each time. A `sign` that is plainly between labels needs fewer to show it:
    two combinations, and more than half of their labels come back; or one, all of whose labels stand alone as well."""
    combined = {tuple(one) for one in parts if len(one) > 1}
    company: Counter[str] = Counter(part for one in {tuple(one) for one in parts} for part in set(one))
    in_several = {part for one in combined for part in one}
    is_plain = bool(sign) and sign in _PLAIN
    is_told_alone = is_plain and in_several <= {part for one in parts if len(one) == 1 for part in one}
    fewest = 1 if is_told_alone else _FEW - is_plain
    if len(combined) < fewest or any(len(part) > _LONGEST for part in in_several):
        return False
    back = sum(company[part] > 1 for part in in_several)
    is_back = 2 * back > len(in_several) if is_plain else back >= _MOSTLY * len(in_several)
    return is_back and len(company) <= len({tuple(one) for one in parts})
