"""A page with only the review component, for the browser: `?case=` names what is shown, `?store=` the log's file.

What the reviewer says of an item is appended to that file as JSON lines, whole after each act, and what it says is
shown again after a reload.
"""

import fcntl
import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st

from pages._ui.review.component import Act, AskedQuestion, Choice, Opinion, ReviewRow, Told, receive, review

st.set_page_config(layout="wide")
params = st.query_params
case = params.get("case", "plain")
store = Path(os.environ["REVIEW_HARNESS_FOLDER"]) / f"{params.get('store', 'log')}.jsonl"
batch = int(params.get("batch", 60))
total = int(params.get("total", batch))

NEWS = ["MEDIA & ENT.", "WORLD NEWS", "CULTURE", "SCI & TECH", "SPORTS", "POLITICS", "MONEY", "STYLE"]
COLORS = ["#4477aa", "#ee6677", "#228833", "#b8a010", "#66ccee", "#aa3377", "#8c6d31", "#cc7a2b"]
WHAT = "What such an item is about, in one sentence."
HEADLINE = (
    "Lost Daughter, Drive My Car win top prizes at Independent Spirit Awards. "
    "The show's hosts and honorary chair also spoke about the war in Ukraine."
)
MARKDOWN = """# Rules
Label what it is **about**, *not* where SCI_TECH_NEWS `appeared`.

- first
  - inner
2. second

[read this](javascript:alert(3)) ![seen](https://example.org/x.png)
<img src=x onerror="alert(4)"> **<script>alert(5)</script>**
"""
GUIDELINES = "Label what the item is about, not where it appeared.\n<b>Never</b> guess: 0 is for unclear items."
TEXTS = {
    "html": '<img src=x onerror="alert(1)"><script>alert(2)</script> **bold** <b>not bold</b>',
    "rtl": "مرحبا بالعالم، هذا نص من اليمين إلى اليسار 🎉",
    "long": "word " * 200_000 + "THE-END",
    "novel": "Ann met Ben in Rome. " * 952,
    "tome": "Ann met Ben in Rome. " * 9_520,
    "talk": "User: Where is Ann? 🎉\n\nAssistant: In Rome.\n\nSince May.\n\nUser: Thanks.",
    "mixed": "🎉 Ann e\u0301t\r\nBen 👩‍👩‍👧 Zoë",
}


TALK = {"name": "", "heading": "", "show": "conversation", "folded": False, "value": TEXTS["talk"], "turns": []}

# What is said where several labels, or marks in the text, are asked for: by the ids that `choices` gives them.
WIDGETS = {
    "sets": "choices",
    "never_empty": "choices",
    "spans": "spans",
    "overlaps": "spans",
    "scale": "scale",
    "rank": "rank",
}
WIDGET = WIDGETS.get(case, "choice")
RANKED = ["answer_x", "answer_y", "answer_z", "answer_w"]
OPTIONS = {"allow_empty": case != "never_empty", "may_overlap": case == "overlaps", "candidates": RANKED}
MANY_MARKS = [[21 * n, 21 * n + 3, 1 + n % 8] for n in range(200)]
SAID = {
    "choices": ([1, 3], [3], [1, 3, 5]),
    "spans": ([[0, 13, 1], [15, 27, 1]], [[0, 13, 2]], [[46, 70, 3]]),
    "rank": ([[1], [2, 3], [4]], [[4], [3], [2], [1]], [[1, 2, 3, 4]]),
}


def choices() -> list[Choice]:
    if WIDGET == "rank":
        candidates = [Choice(name, color=COLORS[n], id=n + 1) for n, name in enumerate(RANKED)]
        return [*candidates, Choice("UNABLE", is_fallback=True, id=5)]
    if WIDGET == "scale":
        levels = enumerate(["poor", "fair", "good", "excellent"], start=1)
        return [
            *(Choice(name, color=COLORS[n], id=n, score=float(n)) for n, name in levels),
            Choice("UNABLE", is_fallback=True, id=5),
        ]
    if WIDGET != "choice":
        return [replace(choice, id=number) for number, choice in enumerate(single_choices(), start=1)]
    return single_choices()


def single_choices() -> list[Choice]:
    if case == "many":
        return [Choice(f"intent {n:03d} {'card' if n % 7 else 'transfer'}") for n in range(499)] + [
            Choice("UNABLE", is_fallback=True)
        ]
    labels = [Choice(name, color=color, description=WHAT) for name, color in zip(NEWS, COLORS, strict=True)]
    return [*labels, Choice("UNABLE", description="None of the labels fits.", is_fallback=True)]


def entries() -> list[dict]:
    # Up to the last line break: another script of the session may be in the middle of a line.
    whole = store.read_text().rpartition("\n")[0] if store.exists() else ""
    return [json.loads(line) for line in whole.splitlines()]


def stored() -> dict[int, dict]:
    return {entry["item_id"]: entry for entry in entries()}


def row(number: int, known: dict[int, dict]) -> ReviewRow:
    return single_row(number, known) if WIDGET in ("choice", "scale") else value_row(number, known)


def value_row(number: int, known: dict[int, dict]) -> ReviewRow:
    mine, (gold, one, other) = known.get(number, {}), SAID[WIDGET]
    if params.get("text") in ("novel", "tome"):
        gold, one, other = MANY_MARKS, MANY_MARKS[:100], []
    elif "text" in params:
        gold, one, other = [[2, 5, 1]], [], []
    return ReviewRow(
        id=number + 1,
        text=TEXTS.get(params.get("text", "")) or f"{HEADLINE} Item {number}.",
        fields={name: f"This is what {name} has to say." for name in RANKED} if WIDGET == "rank" else {},
        opinions=(
            Opinion("gold", "#555555", gold, is_reference=True),
            Opinion("v2", "#4477aa", one, 0.38),
            Opinion("v3", "#ee6677", other, 0.72),
            Opinion("silent", "#aa3377", None),
        ),
        suggestion=None if "unsuggested" in params else gold,
        mine=mine.get("value"),
        note=mine.get("note", ""),
        flagged=mine.get("flagged", False),
        parts=[TALK] if params.get("text") == "talk" else [],
    )


def single_row(number: int, known: dict[int, dict]) -> ReviewRow:
    mine = known.get(number, {})
    names = [choice.name for choice in choices()]
    return ReviewRow(
        id=number + 1,  # as a database counts; what is kept names the item by its number
        text=TEXTS.get(case) or (HEADLINE if case == "news" else f"text of item {number}"),
        fields={"author": "<i>A. Writer</i>", "date": "2022-03-06", "10": "ten", "9": "nine"},
        opinions=(
            Opinion("gold", "#555555", names[5 % len(names)], is_reference=True),
            Opinion("v2", "#4477aa", names[1], 0.38),
            Opinion("v3", "#ee6677", names[0], 0.72),
            Opinion("v4 tuned", "#228833", names[5 % len(names)], 0.91),
            Opinion("small", "#aa3377", names[-1], None, "no label in answer"),
        ),
        suggestion=None if case in ("unsuggested", "differ") else names[0],
        differ=case == "differ",
        mine=mine.get("label"),
        history=("v3 said MEDIA & ENT. yesterday",),
        note=mine.get("note", ""),
        flagged=mine.get("flagged", False),
    )


def keep(acts: Sequence[Act], told: Told) -> None:
    """Each act once, as the database does it: two scripts of one session may bring the same at the same time."""
    with store.with_suffix(".lock").open("w") as lock, store.open("a") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = stored()
        done = {(entry["log"], entry["seq"]) for entry in entries()}
        for act in acts:
            told.up_to[act.log] = act.n
            if (act.log, act.n) in done:
                continue
            number = act.item_id - 1
            before = known.get(number, {"label": None, "value": None, "note": "", "flagged": False})
            known[number] = {
                "log": act.log,
                "seq": act.n,
                "item_id": number,
                "label": act.label if act.label is not None or act.takes_back else before["label"],
                "value": act.value if act.value is not None or act.takes_back else before["value"],
                "note": before["note"] if act.note is None else act.note,
                "flagged": before["flagged"] if act.flagged is None else act.flagged,
                "seconds": act.seconds,
                "blind": act.blind,
            }
            log.write(json.dumps(known[number]) + "\n")
        log.flush()


receive("review_line", store.stem, keep)
start = st.session_state.setdefault("start", 0)
st.text_input("elsewhere")
if st.button("leave the page"):
    st.text("left")
    st.stop()
known = stored()
asked = AskedQuestion(
    1,
    [row(number, known) for number in range(start, min(start + batch, total))],
    choices(),
    widget=WIDGET,
    options=OPTIONS,
    guidelines=MARKDOWN if case == "markdown" else GUIDELINES,
    pace=4.2,
)
state = review(
    [asked],
    revision=f"{case} from {start}",
    key="review",
    project_id=1,
    reviewer="me",
    queue=case,
    reviewed_before=int(params.get("reviewed", 0)),
    done_before=start,
    total=total,
    blind="blind" in params,
    start_at=min(len(known), batch - 1) if "resume" in params else 0,
)
if "slow" in params:
    time.sleep(float(params["slow"]))
if state.asked_more and start + batch < total:
    st.session_state.start = start + batch
    st.rerun()
st.text(f"{len(stored())} decided, at {state.position}")
