"""Where a session sits at Review. Two runs of one session may be under way at once, the one that ends and the one that
begins: so a seat and a batch are never changed, only replaced whole, and each run goes on with those it has taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from uuid import uuid4

import streamlit as st

from pages._ui.review.component import ReviewRow

BATCH = 200
_PLACE = "review_seat"


def _token() -> str:
    return uuid4().hex[:12]


@dataclass(frozen=True)
class Seat:
    """A place in a queue as it was when it was made: its item ids, and where the batch in view begins.

    `chosen` says which queue, `turn` names this making of it, `news` what had been stored by then (see `Place`).
    """

    chosen: str
    news: str
    ids: Sequence[int]
    at: int
    reviewed: int
    turn: str = field(default_factory=_token)

    @property
    def queue_name(self) -> str:
        """Names the queue whenever it is made, so that a browser finds its place in it again."""
        return sha256(self.chosen.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Batch:
    """Rows in view of each question, by its project; how far each log was dealt with when they were read, and the pace
    of each question until then, in seconds an answer. `rows` are those of the question that the queue is about."""

    revision: str
    rows: Sequence[ReviewRow]
    said: Mapping[int, Sequence[ReviewRow]]
    knows: dict[str, int]
    paces: Mapping[int, float]


@dataclass
class Place:
    """What a session holds. `news` changes when something is stored that no queue knew of when it was made."""

    seat: Seat | None = None
    batch: Batch | None = None
    news: str = field(default_factory=_token)

    def hear(self, turns: Sequence[str]) -> None:
        """Acts of these turns were stored: a queue of another turn was made before they were known."""
        seat = self.seat
        if seat and not all(turn.startswith(seat.turn) for turn in turns):
            self.news = _token()

    def move(self, seat: Seat, at: int) -> None:
        """The batch in view begins there from now on, unless another seat was taken meanwhile."""
        if self.seat is seat:
            self.seat = replace(seat, at=at)


def place() -> Place:
    """The session's."""
    held: Place = st.session_state.setdefault(_PLACE, Place())
    return held


def start_over() -> None:
    """Forget the queue being reviewed, so that it is made anew."""
    place().seat = None
