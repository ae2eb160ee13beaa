"""What a reviewer did, as browsers bring it; told from what another version of the page, or a hand, has left there."""

import math
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

_LARGEST = 2**53  # whole numbers beyond that are not whole in a browser
_KINDS = {
    "reviewer": str,
    "turn": str,
    "label": str,
    "note": str,
    "back": bool,
    "flag": bool,
    "blind": bool,
    "shown": str,
}
_KNOWN = {"log", "n", "at", "project", "item", "seconds", "choice", "value", *_KINDS}


@dataclass(frozen=True)
class Act:
    """What a reviewer did to an item: None where the act says nothing of that. `n` numbers the acts of one `log`.

    One label is said by `label` and `label_id`, all else by `value`: what JSON holds, by ids of labels, whatever it is
    worth. `takes_back` alone takes either back. `turn` is the revision of the batch it was done in. `seconds` is how
    long the item was in view before, 0 for undo and redo. `blind` says whether the others' labels were hidden,
    `shown` in which order candidates stood.
    """

    log: str
    n: int
    project_id: int
    reviewer: str
    item_id: int
    turn: str = ""
    label: str | None = None
    label_id: int | None = None
    takes_back: bool = False
    note: str | None = None
    flagged: bool | None = None
    seconds: float = 0.0
    blind: bool = False
    value: Any = None
    shown: str | None = None


@dataclass
class Told:
    """What a session has answered its browser: how far each log is dealt with, and which acts will never be stored.

    Two runs of one session may change it at once, and each access to the session state is a point where Streamlit may
    interrupt a run: so it is changed in place, by steps that are whole in themselves. `refused`, and `unread`, those of
    which this version makes nothing, are [log, number].
    """

    up_to: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, int]] = field(default_factory=list)
    unread: list[tuple[str, int]] = field(default_factory=list)
    unsaid: list[int] = field(default_factory=list)
    aside: int = 0

    def news_of(self, acts: Sequence[Act]) -> list[Act]:
        """The acts not dealt with yet, those of one log in their order."""
        return [act for act in acts if act.n > self.up_to.get(act.log, 0)]

    def hear(self, said: Mapping[str, Any]) -> list[Act]:
        """The acts that a browser keeps, as far as they can be read.

        What was refused, or cannot be read, is told until the browser keeps it no more.
        """
        brought = said.get("acts")
        brought = brought if isinstance(brought, list) else []
        acts = {(one["log"], one["n"]): read_act(one) for one in brought if _is_named(one)}
        for told in (self.refused, self.unread):
            _drop_others(told, acts)
        known = set(self.unread)
        news = [name for name, act in acts.items() if act is None and name not in known]
        self.unread.extend(news)
        self._count(len(news), _whole(said.get("aside")) or 0)
        return [act for act in acts.values() if act is not None]

    def _count(self, unread: int, aside: int) -> None:
        """`aside` is how many the browser could make nothing of since its page was opened."""
        news, self.aside = unread + max(aside - self.aside, 0), max(aside, self.aside)
        if news:
            self.unsaid.append(news)

    def take_unsaid(self) -> int:
        """How many acts cannot be read that nobody has been told of yet."""
        news = 0
        while self.unsaid:
            news += self.unsaid.pop()
        return news


def _drop_others(told: list[tuple[str, int]], kept: Container[tuple[str, int]]) -> None:
    for one in [one for one in told if one not in kept]:
        with suppress(ValueError):  # another run was sooner
            told.remove(one)


def read_act(entry: Mapping[str, Any]) -> Act | None:
    """The act of an entry that has a log and a number; None where it says anything but what acts of this version do."""
    project, item, choice = (_whole(entry.get(key)) for key in ("project", "item", "choice"))
    is_known = entry.keys() <= _KNOWN and all(_is(kind, entry.get(key)) for key, kind in _KINDS.items())
    has_choice = choice is not None or entry.get("choice") is None
    is_clear = is_known and has_choice and _is_clear(entry)
    if project is None or item is None or not is_clear or not (entry.get("reviewer") or "").strip():
        return None
    return Act(
        log=entry["log"],
        n=entry["n"],
        project_id=project,
        reviewer=entry["reviewer"],
        item_id=item,
        turn=entry.get("turn") or "",
        label=entry.get("label"),
        label_id=choice if entry.get("label") is not None else None,
        takes_back=bool(entry.get("back")),
        note=entry.get("note"),
        flagged=entry.get("flag"),
        seconds=_time(entry.get("seconds")),
        blind=bool(entry.get("blind")),
        value=entry.get("value"),
        shown=entry.get("shown"),
    )


def _is_clear(entry: Mapping[str, Any]) -> bool:
    """Whether it gives one value, takes one back or is silent on it: no label was a way to take one back, once."""
    if "value" in entry:
        return entry["value"] is not None and "label" not in entry and not entry.get("back")
    return "label" not in entry or (entry["label"] is None) == bool(entry.get("back"))


def _is_named(entry: Any) -> bool:
    """Whether it has a log and a number, which tell it from all others."""
    return isinstance(entry, Mapping) and isinstance(entry.get("log"), str) and bool(_whole(entry.get("n")))


def _is(kind: type, value: Any) -> bool:
    return value is None or type(value) is kind


def _time(seconds: Any) -> float:
    """Seconds; 0 for what is none: a strange time is no reason to lose a decision."""
    return float(seconds) if type(seconds) in (int, float) and 0 <= seconds < math.inf else 0.0


def _whole(value: Any) -> int | None:
    """The whole number from 0 on; None for anything else."""
    return value if type(value) is int and 0 <= value < _LARGEST else None
