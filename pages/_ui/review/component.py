"""The review screen's keyboard: one batch of items held in the browser, so that no key waits for the server.

Two mounts of one script. The *screen* (`review`) shows a batch. The *line* (`receive`) brings what the reviewer did,
and says back how far it is dealt with. Every act says what it changes, of which item of which project, by whom; the
browser numbers it, keeps it until it is confirmed, and sends it again until then, also after a reload or a restart of
the server. So a message may be lost, merged or repeated: whoever stores needs only to store each number of a log once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import WorkbenchError
from core.model import FALLBACK_KEY, LABEL_KEYS, FieldShow
from pages._ui.review.acts import Act, Told
from pages._ui.review.keys import COMMAND_KEYS, commands_of
from pages._ui.shell.press import to_the_end
from pages._ui.words.bundle import bundle
from pages._ui.words.figures import number

LINE = "review_line"
AHEAD, BEHIND = 10, 3
"""The files of so many items after the one in view, and before it, are at hand."""


@dataclass(frozen=True)
class Choice:
    """A label that can be picked. `key` is one character; "" lets `with_keys` choose one."""

    name: str
    key: str = ""
    color: str = ""
    description: str = ""
    is_fallback: bool = False
    id: int | None = None
    score: float | None = None


Value = str | Sequence[Any]
"""What is said of an item, as its widget holds it: the name of one label; all else as it is stored, by ids."""


@dataclass(frozen=True)
class Opinion:
    """What one annotator says about an item; `value` None where it says nothing. `confidence` runs from 0 to 1."""

    annotator: str
    color: str
    value: Value | None
    confidence: float | None = None
    reason: str = ""
    is_reference: bool = False


@dataclass(frozen=True)
class ReviewRow:
    """An item as shown: `opinions` are the others'; `mine`, `note` and `flagged` are the reviewer's own so far.

    An entry of the `history` is a line, or what comes before and behind a value that only the screen has words for:
    a ranking is told by the numbers its candidates have there.
    `differ`: nothing is suggested because the others differ. `parts` are its fields as `words/parts.py` lays them out,
    where the project has a layout.
    """

    id: int
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)
    opinions: tuple[Opinion, ...] = ()
    suggestion: Value | None = None
    mine: Value | None = None
    history: tuple[str | tuple[str, Value, str], ...] = ()
    note: str = ""
    flagged: bool = False
    differ: bool = False
    parts: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Hangs:
    """A question is asked only where one of these labels, by id, is in the answer to another one on the screen, that of
    project `on`, or none where it `lacks`; `words` say so."""

    on: int
    labels: tuple[int, ...]
    words: str
    lacks: bool = False


@dataclass(frozen=True)
class AskedQuestion:
    """A question as it is asked on the screen: what is said to it is stored in its project. `rows` are of the same
    items for all questions.

    `widget` is one of `js/widgets`, `options` what the task leaves open for it. Of a label that was `merged` into
    another, by ids, the key means that other; `removed` names labels that the task has no more.
    """

    project_id: int
    rows: Sequence[ReviewRow]
    choices: Sequence[Choice]
    name: str = ""
    widget: str = "choice"
    options: Mapping[str, Any] = field(default_factory=dict)
    guidelines: str = ""
    merged: Mapping[int, int] = field(default_factory=dict)
    removed: Mapping[int, str] = field(default_factory=dict)
    hangs: Hangs | None = None
    pace: float | None = None
    """Seconds an answer took so far: for the time left until three answers have been timed."""


@dataclass(frozen=True)
class ReviewState:
    """`position` counts from 0 into the batch and equals its length on the end panel. `asked_more` stays true until
    a batch with another revision is shown. `seek` is the item that was in view, where the batch has it no more.
    """

    position: int = 0
    asked_more: bool = False
    seek: int | None = None


def with_keys(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The choices, each without a key given the next free one: 0 for the fallback, then 1-9, then letters.

    Keys run out at 30; the choices after that stay without. Raises WorkbenchError where two choices share a key or a
    name, or where a key is not one character or belongs to a command of the review screen.
    """
    _check(choices)
    taken = {choice.key.lower() for choice in choices if choice.key}
    free = iter([key for key in LABEL_KEYS if key not in taken])
    return tuple(replace(choice, key=choice.key.lower() or _next_key(choice, taken, free)) for choice in choices)


def _next_key(choice: Choice, taken: set[str], free: Any) -> str:
    if choice.is_fallback and FALLBACK_KEY not in taken:
        taken.add(FALLBACK_KEY)
        return FALLBACK_KEY
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


def receive(key: str, home: str, deal: Callable[[Sequence[Act], Told], None], gone: str | None = None) -> int:
    """Take in what browsers have to store, before anything else of the page is looked at.

    `home` names the workbench; a browser brings only what was meant for it. `deal` is handed the acts not dealt with so
    far, and notes in `Told` those that are. It must not call Streamlit, which may interrupt it halfway. What is not
    noted comes again. `gone` is the project asked for that is not there: no key means an item of it any more. Returns
    how many acts, newly, cannot be read: those the browser sets aside.
    """
    told: Told = st.session_state.setdefault(f"{key}:told", Told())

    def bring() -> None:
        _deal(st.session_state.get(key) or {}, told, deal)

    to_the_end(bring)
    data = {"home": home, "upTo": dict(told.up_to), "refused": list(told.refused), "unread": list(told.unread)}
    data["gone"] = gone
    _MOUNTS["line"](key=key, data=data, on_log_change=lambda: to_the_end(bring))
    return told.take_unsaid()


def _deal(raw: Mapping[str, Any], told: Told, deal: Callable[[Sequence[Act], Told], None]) -> None:
    said = raw.get("log")
    if isinstance(said, Mapping) and (acts := told.news_of(told.hear(said))):
        deal(acts, told)


def dealt(key: str = LINE) -> dict[str, int]:
    """How far each log is dealt with."""
    told: Told = st.session_state.get(f"{key}:told", Told())
    return dict(told.up_to)


def is_new_here(key: str = LINE) -> bool:
    """Whether the browser has said nothing yet since the page was opened."""
    return not st.session_state.get(key)


def review(
    asked: Sequence[AskedQuestion],
    *,
    revision: str,
    key: str,
    line: str = LINE,
    knows: Mapping[str, int] | None = None,
    project_id: int,
    reviewer: str,
    queue: str,
    done_before: int = 0,
    reviewed_before: int = 0,
    total: int,
    blind: bool = False,
    start_at: int = 0,
    shows: Collection[FieldShow] = (),
    files: Callable[[Sequence[ReviewRow]], Mapping[str, str]] = lambda rows: {},
) -> ReviewState:
    """Show the batch, the questions of each item in their order, and say where the reviewer is; what they do comes by
    the `line`.

    A new `revision` begins anew, on the item that was in view where the `queue` is the same and still has it. Labels
    that were shown keep key and place then, until the queue is another one or the page was left. With the same
    revision the browser's own state wins, and of all arguments only the rows count.
    `project_id` is the project that is open: where it is gone, no key means an item of it any more. `knows` says how
    far each log was dealt with when the rows were read: what was said up to there is in them.
    The rows are numbers `done_before + 1` and on of the `total` in the queue; while some are left, more can be asked
    for.
    `reviewed_before` of these the reviewer had labelled before; it is said beside the count.
    `shows` says as what items are shown; `files` gives where the files of rows are served, of the item in view first.
    Raises WorkbenchError where `with_keys` does.
    """
    place = (st.session_state.get(line) or {}).get("log") or {}
    is_known = place.get("revision") == revision
    at = int(place["position"]) if is_known else start_at
    rows = asked[0].rows
    data = {
        "key": key,
        "revision": revision,
        "files": dict(files((*rows[at : at + AHEAD], *rows[max(0, at - BEHIND) : at]))),
        "project": project_id,
        "reviewer": reviewer,
        "queue": queue,
        "rows": [_item(row) for row in rows],
        "questions": [_asked(one, shows, several=len(asked) > 1) for one in asked],
        "keys": "".join(LABEL_KEYS),
        "before": done_before,
        "reviewed": reviewed_before,
        "total": total,
        "blind": blind,
        "start": start_at,
        "knows": dict(knows or {}),
    }
    _MOUNTS["screen"](key=key, data=data)
    if not is_known:
        return ReviewState(start_at)
    return ReviewState(int(place["position"]), bool(place["more"]), place.get("seek"))


def _asked(one: AskedQuestion, shows: Collection[FieldShow], *, several: bool) -> dict[str, Any]:
    return {
        "project": one.project_id,
        "name": one.name,
        "rows": [_said(row) for row in one.rows],
        "widget": one.widget,
        "options": dict(one.options),
        "choices": [asdict(choice) for choice in with_keys(one.choices)],
        "commands": [asdict(command) for command in commands_of(one.widget, shows, several=several)],
        "guidelines": one.guidelines,
        "merged": [list(pair) for pair in one.merged.items()],
        "removed": [list(pair) for pair in one.removed.items()],
        "hangs": asdict(one.hangs) if one.hangs else None,
        "pace": one.pace,
    }


def _item(row: ReviewRow) -> dict[str, Any]:
    """What all questions are about, once."""
    # Pairs, because a JSON object would put the fields called "1", "2" before all others.
    fields = [[name, value] for name, value in row.fields.items()]
    return {"id": row.id, "text": row.text, "fields": fields, "parts": list(row.parts)}


def _said(row: ReviewRow) -> dict[str, Any]:
    told = {name: value for name, value in vars(row).items() if name not in ("text", "fields", "parts")}
    return told | {"opinions": [_told(opinion) for opinion in row.opinions]}


def _told(opinion: Opinion) -> dict[str, Any]:
    return vars(opinion) | {"confidence": None if opinion.confidence is None else number(opinion.confidence)}


_FOLDER = Path(__file__).parent
# One script for both, so that what they know is known to both: the browser loads the same text once.
_SCRIPT = bundle(_FOLDER.parent, "review/js/main.js")
_OUT_OF_THE_WAY = ".stElementContainer:has(> .stBidiComponent .review-line) {\n  position: absolute;\n}\n"


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_CSS = _asset("../shell/choices.css") + _asset("../words/parts.css") + _asset("component.css")


_MOUNTS = {
    "screen": st.components.v2.component(
        "labelloop_review", html=_asset("component.html"), css=_CSS, js=_SCRIPT, isolate_styles=True
    ),
    "line": st.components.v2.component(
        "labelloop_review_line",
        html='<div class="review-line" hidden>\n</div>',
        css=_OUT_OF_THE_WAY,
        js=_SCRIPT,
        isolate_styles=False,
    ),
}
