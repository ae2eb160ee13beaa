"""A bar for what takes more than a moment, with the time left where it can be told."""

import time

import streamlit as st

from pages._ui.words.figures import percent
from pages._ui.words.text import duration

_EVERY_SECONDS = 0.1


class ProgressBar:
    """Call it with the share done, from 0 to 1, as often as wanted; it draws ten times a second at most."""

    def __init__(self, what: str) -> None:
        self._what, self._started, self._drawn = what, time.monotonic(), 0.0
        self._bar = st.progress(0.0, what)

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if now - self._drawn < _EVERY_SECONDS:
            return
        self._drawn = now
        share = min(1.0, max(0.0, share))
        self._bar.progress(share, f"{self._what} · {time_left(share, now - self._started)}")

    def close(self) -> None:
        self._bar.empty()


def time_left(share: float, seconds: float) -> str:
    """`40 %, about 6 s left`; only the share while too little is done to tell."""
    if share < 0.05 or seconds < 1:
        return percent(share)
    return percent(share) + f", {duration(seconds * (1 - share) / share)} left"
