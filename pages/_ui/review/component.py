"""The review screen's keyboard: one batch of items held in the browser, so that no key waits for the server.

Every act appends to a log that is sent whole, so messages may be merged or dropped on the way without losing an act.
Acts are numbered by `Decision.seq`, which only ever rises within one browser session, also when the batch changes or
the component is shown anew. So storing is: keep the highest `seq` stored in this session, and store `state.after(it)`;
or pass `on_decisions`, which does that and also misses nothing when the page is left. `seq` starts from the clock
(milliseconds since 1970, so it needs a 64-bit column), which makes it differ between sessions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from core.errors import WorkbenchError

COMMAND_KEYS = "ubfng?/"
_FREE_KEYS = "123456789" + "".join(c for c in "abcdefghijklmnopqrstuvwxyz" if c not in COMMAND_KEYS)
_FALLBACK_KEY = "0"


@dataclass(frozen=True)
class Choice:
    """A label that can be picked. `key` is one character; "" lets `with_keys` choose one."""

    name: str
    key: str = ""
    color: str = ""
    description: str = ""
    is_fallback: bool = False


@dataclass(frozen=True)
class Opinion:
    """What one annotator says about an item; `label` None where it says nothing. `confidence` runs from 0 to 1."""

    annotator: str
    color: str
    label: str | None
    confidence: float | None = None
    reason: str = ""
    is_reference: bool = False


@dataclass(frozen=True)
class ReviewRow:
    """An item as shown: `opinions` are the others'; `mine`, `note` and `flagged` are the reviewer's own so far.

    `differ`: nothing is suggested because the others differ.
    """

    id: int
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    opinions: tuple[Opinion, ...] = ()
    suggestion: str | None = None
    mine: str | None = None
    history: tuple[str, ...] = ()
    note: str = ""
    flagged: bool = False
    differ: bool = False


@dataclass(frozen=True)
class Decision:
    """The reviewer's whole word on an item after one act; a later one on the same item replaces it.

    `label` is None where nothing is decided (only a note or a flag) or a decision was taken back. `seconds` is how long
    the item was in view before the act, 0 for undo and redo. `blind` says whether the others' labels were hidden.
    """

    seq: int
    item_id: int
    label: str | None
    note: str = ""
    flagged: bool = False
    seconds: float = 0.0
    blind: bool = False


@dataclass(frozen=True)
class ReviewState:
    """`position` counts from 0 into the batch and equals its length on the end panel. `asked_more` stays true until
    a batch with another revision is shown.

    `decisions` may still begin with acts on the batch before, made while this one was on its way.
    """

    decisions: tuple[Decision, ...] = ()
    position: int = 0
    asked_more: bool = False

    def after(self, seq: int) -> tuple[Decision, ...]:
        """The decisions above `seq`, oldest first."""
        return tuple(decision for decision in self.decisions if decision.seq > seq)


def with_keys(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices, each without a key given the next free one: 0 for the fallback, then 1-9, then letters.

    Keys run out at 30; the choices after that stay without. Raises WorkbenchError where two choices share a key or a
    name, or where a key is not one character or belongs to a command of the review screen.
    """
    _check(choices)
    taken = {choice.key.lower() for choice in choices if choice.key}
    free = iter([key for key in _FREE_KEYS if key not in taken])
    return tuple(replace(choice, key=choice.key.lower() or _next_key(choice, taken, free)) for choice in choices)


def _next_key(choice: Choice, taken: set[str], free: Any) -> str:
    if choice.is_fallback and _FALLBACK_KEY not in taken:
        taken.add(_FALLBACK_KEY)
        return _FALLBACK_KEY
    return str(next(free, ""))


def _check(choices: Sequence[Choice]) -> None:
    names: set[str] = set()
    keys: dict[str, str] = {}
    for choice in choices:
        key = choice.key.lower()
        if choice.name in names:
            raise WorkbenchError(f"The label {choice.name} occurs twice.", "Rename or remove one of them.")
        if len(key) > 1 or key.isspace():
            raise WorkbenchError(f"The key of {choice.name} is not one character.", "Use a digit or a letter.")
        if key and key in COMMAND_KEYS:
            raise WorkbenchError(
                f"The key {key} of {choice.name} is a command of the review screen.",
                f"Use any digit or letter except {', '.join(COMMAND_KEYS)}.",
            )
        if key in keys:
            raise WorkbenchError(f"{keys[key]} and {choice.name} share the key {key}.", "Give each its own key.")
        names.add(choice.name)
        if key:
            keys[key] = choice.name


def review(
    rows: Sequence[ReviewRow],
    choices: Sequence[Choice],
    *,
    revision: str,
    key: str,
    guidelines: str = "",
    pace_seconds: float | None = None,
    done_before: int = 0,
    reviewed_before: int = 0,
    total: int,
    blind: bool = False,
    start_at: int = 0,
    on_decisions: Callable[[Sequence[Decision]], None] | None = None,
) -> ReviewState:
    """Show the batch and return everything decided so far.

    A new `revision` shows the rows anew. With the same one the browser's own state wins and every other argument is
    ignored, so rows may be passed as they were or as they now are; passing them unchanged saves sending them again.
    `rows` are numbers `done_before + 1` and on of the `total` in the queue; while some are left, more can be asked for.
    `reviewed_before` of these the reviewer had labelled before; it is said beside the count.
    `pace_seconds` per decision serves for the time left until three decisions have been timed.

    `on_decisions` is handed each decision once, oldest first, also when the act's rerun shows another page. It must not
    call Streamlit, which may interrupt it halfway. What it raises reaches the page, and the decisions come again with
    the next rerun. Without it, store `after` of what is returned. Raises WorkbenchError where `with_keys` does.
    """
    memory = _memory(key, revision)
    data = {
        "revision": revision,
        "rows": [_row(row) for row in rows],
        "choices": [asdict(choice) for choice in with_keys(choices)],
        "guidelines": guidelines,
        "pace": pace_seconds,
        "before": done_before,
        "reviewed": reviewed_before,
        "total": total,
        "blind": blind,
        "start": start_at,
        "seen": memory["seen"],
    }

    def changed() -> None:
        raw, interruption = _uninterrupted(key)
        _deliver(_state(raw, revision, start_at), memory, on_decisions)
        if interruption:
            raise interruption

    result = _MOUNT(key=key, data=data, on_log_change=changed)
    state = _state(result, revision, start_at)
    memory["highest"] = max([memory["highest"], *(decision.seq for decision in state.decisions)])
    _deliver(state, memory, on_decisions)
    return state


def _memory(key: str, revision: str) -> dict[str, Any]:
    """What this session knows of the log: its `highest` seq, the highest `handed` over, and the highest `seen` before
    this revision began. `seen` stays put within a revision, so that what is sent to the browser stays the same.

    It is changed in place: each access to the session state is a point where Streamlit may interrupt the script, and
    between storing a decision and noting that it is stored there must be none.
    """
    fresh = {"revision": None, "highest": 0, "handed": 0, "seen": 0}
    memory: dict[str, Any] = st.session_state.setdefault(f"{key}:memory", fresh)
    if memory["revision"] != revision:
        memory.update(revision=revision, seen=memory["highest"])
    return memory


# Streamlit answers an act at once, beside a script of the same session that is still running.
_ONE_AT_A_TIME = Lock()


def _deliver(
    state: ReviewState, memory: dict[str, Any], on_decisions: Callable[[Sequence[Decision]], None] | None
) -> None:
    with _ONE_AT_A_TIME:
        new = state.after(memory["handed"])
        if new and on_decisions is not None:
            on_decisions(new)
            memory["handed"] = new[-1].seq


def _uninterrupted(key: str) -> tuple[Mapping[str, Any], RerunException | None]:
    """The component's value, and the request for another rerun that came in between, to be raised afterwards.

    A callback that it ended would not be called again, and if that rerun shows another page, its decisions would be
    gone with the component.
    """
    interruption: RerunException | None = None
    while True:
        try:
            return st.session_state.get(key) or {}, interruption
        except RerunException as request:
            interruption = request


def _row(row: ReviewRow) -> dict[str, Any]:
    # Pairs, because a JSON object would put the fields called "1", "2" before all others.
    return {**asdict(row), "fields": [[name, value] for name, value in row.fields.items()]}


def _state(raw: Mapping[str, Any], revision: str, start_at: int) -> ReviewState:
    log = raw.get("log") or {}
    of_this = log.get("revision") == revision
    return ReviewState(
        decisions=tuple(_decision(entry) for entry in log.get("decisions", ())),
        position=int(log["position"]) if of_this else start_at,
        asked_more=of_this and bool(log["more"]),
    )


def _decision(entry: Mapping[str, Any]) -> Decision:
    return Decision(
        seq=int(entry["seq"]),
        item_id=int(entry["item_id"]),
        label=entry["label"],
        note=entry["note"],
        flagged=bool(entry["flag"]),
        seconds=float(entry["seconds"]),
        blind=bool(entry["blind"]),
    )


def _asset(ending: str) -> str:
    return Path(__file__).with_suffix(ending).read_text(encoding="utf-8")


_MOUNT = st.components.v2.component(
    "labelloop_review", html=_asset(".html"), css=_asset(".css"), js=_asset(".js"), isolate_styles=True
)
