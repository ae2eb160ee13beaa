"""The last few large things read, kept for the next rerun of a page and shared by all sessions."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import streamlit as st

_MOST = 4
T = TypeVar("T")


class Shelf:
    """Nothing of value: whatever falls off can be made again."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > _MOST:
                self._held.popitem(last=False)
        return made


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    return Shelf()
