"""Which items of a file are here already: by the hash of their content, or by their text."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.importers import joined_text, keys_told_apart
from core.model import TableData
from core.services.data.choice import ImportChoice
from core.services.data.importing import item_key
from core.spelling import fold, same_id, same_text

_BEFORE = ("field:", "metadata.", "meta.")


@dataclass(frozen=True)
class Fields:
    """Where the fields of a project's items are in a file: the place of each, None where the file has it not."""

    places: Mapping[str, int | None]
    left_over: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name, place in self.places.items() if place is None)

    def written(self, row: Sequence[str]) -> str | None:
        """As an item keeps them."""
        if not self.places:
            return None
        cells = {name: "" if place is None else row[place] for name, place in self.places.items()}
        return json.dumps(cells, ensure_ascii=False)


def fields_in(table: TableData, choice: ImportChoice, names: Sequence[str] | None, candidates: Sequence[str]) -> Fields:
    """The project's fields by their names; its candidates are the chosen columns. With `names` None, where it has no
    items yet, all columns that are chosen for nothing else."""
    free = {fold(name): place for place, name in enumerate(table.columns) if name not in choice.roles}
    compared = dict(zip(candidates, map(table.columns.index, choice.candidates), strict=False))
    if names is None:
        names = (*compared, *(table.columns[place] for place in free.values()))

    def place_of(name: str) -> int | None:
        """By its name, or as readers of exports call a field beside what is theirs."""
        spelled = (fold(f"{before}{name}") for before in ("", *_BEFORE))
        return next((free[one] for one in spelled if one in free), None)

    places = {name: compared[name] if name in compared else place_of(name) for name in names}
    used = set(places.values())
    return Fields(places, tuple(table.columns[place] for place in free.values() if place not in used))


@dataclass(frozen=True)
class Match:
    """`known` has for each item of the file the id of that which is here, None for a new one; `new` the new ones, as
    `(hash, external id, text, fields)`. `same_ids` counts new ones whose id is that of another text here."""

    known: list[int | None]
    new: list[tuple[str, str, str, str | None]]
    same_ids: int = 0


@dataclass
class _Here:
    """What is here, by all that an item is known by."""

    by_hash: dict[str, int] = field(default_factory=dict)
    by_text: dict[str, list[int]] = field(default_factory=dict)
    by_id: dict[tuple[str, str], int] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    nameless: set[int] = field(default_factory=set)

    def note(self, row: Any, candidates: Sequence[str]) -> None:
        held = json.loads(row.fields) if candidates and row.fields else {}
        key = "\x1f".join((same_text(row.text), *(same_text(held.get(name, "")) for name in candidates)))
        self.by_hash[row.hash] = row.id
        self.by_text.setdefault(key, []).append(row.id)
        if row.external_id:
            self.by_id.setdefault((same_id(row.external_id), key), row.id)
            self.ids.add(same_id(row.external_id))
        else:
            self.nameless.add(row.id)

    def first(self, key: str) -> int | None:
        """The first item of that text."""
        return next(iter(self.by_text.get(key, ())), None)

    def are_others(self, ids: Collection[str], keys: Sequence[str]) -> bool:
        """Whether these ids are of another tool's numbering: none of them is known here, and most of the texts are."""
        is_known = not self.ids.isdisjoint(map(same_id, ids))
        return not is_known and 2 * sum(key in self.by_text for key in keys) > len(keys)

    def by_its_id(self, own: str, key: str) -> int | None:
        """Where each row is an annotation, two ids are two items, whatever their text."""
        found = self.by_id.get((same_id(own), key))
        same = self.first(key)
        return found if found is not None else same if same in self.nameless else None


def match(
    here: Sequence[Any],
    table: TableData,
    choice: ImportChoice,
    rows: Sequence[int],
    fields: Fields,
    candidates: Sequence[str],
) -> Match:
    """Which of the items that begin in these rows are among those here (see `uploads.known_items`)."""
    known = _Here()
    for one in here:
        known.note(one, candidates)
    texts = joined_text(table, choice.text_columns)
    keys = keys_told_apart(table, texts, choice.candidates)
    place = table.columns.index(choice.id_column) if choice.id_column else None
    found, taken = Match([], []), set(known.by_hash)
    occurrences: Counter[str] = Counter()
    same_ids = 0
    owns = set() if place is None else {table.rows[row][place].strip() for row in rows}
    is_numbered_anew = choice.is_long and known.are_others(owns, [keys[row] for row in rows])
    seen: Counter[str] = Counter()
    for row in rows:
        own = "" if place is None else table.rows[row][place].strip()
        written = fields.written(table.rows[row])
        key = item_key(texts[row], written)
        occurrences[key] += 1
        ordinal = key if occurrences[key] == 1 else f"{key}-{occurrences[key]}"
        if choice.is_long and own and is_numbered_anew:
            item = next(iter(known.by_text.get(keys[row], [])[seen[keys[row]] :]), None)
            seen[keys[row]] += 1
        elif choice.is_long and own:
            item = known.by_its_id(own, keys[row])
        elif choice.keep_duplicates and not choice.is_long:
            item = known.by_hash.get(ordinal)
        else:
            item = known.by_hash.get(key, known.first(keys[row]))
        found.known.append(item)
        if item is None:
            number = occurrences[key]
            while ordinal in taken:
                number += 1
                ordinal = f"{key}-{number}"
            taken.add(ordinal)
            found.new.append((ordinal, own if place is None else table.rows[row][place], texts[row], written))
            same_ids += bool(own) and same_id(own) in known.ids
    return Match(found.known, found.new, same_ids)
