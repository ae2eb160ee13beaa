"""The one workbench of this server process, opened when first needed."""

import sys
from dataclasses import dataclass, field
from threading import Lock
from types import ModuleType

import streamlit as st

from core.settings import Settings
from core.workbench import Workbench, open_workbench


@dataclass
class _Held:
    workbench: Workbench | None = None
    lock: Lock = field(default_factory=Lock)


def _held() -> _Held:
    """What outlives this module: Streamlit loads it anew when any file changes, and its caches whoever is connected
    can have emptied. Either would open a second workbench, with a worker of its own and without the keys that were
    typed. So it is kept by a module that no file stands for."""
    place = sys.modules.setdefault("labelloop.held", ModuleType("labelloop.held"))
    held: _Held = place.__dict__.setdefault("held", _Held())
    return held


def workbench() -> Workbench:
    """The workbench, its worker running. Raises `WorkbenchError` where the database cannot be used."""
    opened = _held().workbench or _opened()
    opened.worker.ensure_started()
    return opened


def _opened() -> Workbench:
    held = _held()
    with held.lock, st.spinner("Opening the workbench …"):
        if held.workbench is None:
            held.workbench = open_workbench(Settings.from_env())
        return held.workbench


def let_go() -> None:
    """Close the workbench; the next to ask has one opened by what the environment says then."""
    held = _held()
    with held.lock:
        opened, held.workbench = held.workbench, None
    if opened is not None:
        opened.close()
