"""Script runs of every page, through Streamlit's own test harness."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from core.workbench import Workbench
from core.worker import Worker
from pages._ui.shell.handle import let_go

ROOT = Path(__file__).parents[2]
PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
RERUNS = 5
FIRST_LIMIT, AGAIN_LIMIT = 1000.0, 150.0
"""Milliseconds a first visit and a rerun may take."""


def page_times(wb: Workbench, project_id: int, pages: Sequence[str] = PAGES) -> list[str]:
    """One line a page: the first run and the median rerun in CPU time, each also as a share of its limit."""
    os.environ["LABELLOOP_DATA"] = str(wb.settings.data_dir)
    ensure_started, Worker.ensure_started = Worker.ensure_started, lambda self: None  # type: ignore[method-assign]
    let_go()
    st.cache_resource.clear()
    try:
        return [_line(page, project_id) for page in pages]
    finally:
        Worker.ensure_started = ensure_started  # type: ignore[method-assign]
        let_go()
        st.cache_resource.clear()


def opened(folder: str, project_id: int) -> AppTest:
    """The app, in a process of its own where nothing labels in the background, as it opens."""
    os.environ["LABELLOOP_DATA"] = folder
    Worker.ensure_started = lambda self: None  # type: ignore[method-assign]
    return _app(project_id)


def _app(project_id: int) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["project"] = str(project_id)
    app.run()
    return app


def _line(page: str, project_id: int) -> str:
    app = _app(project_id)
    first = _cpu(lambda: app.switch_page(f"pages/{page}.py").run())
    again = statistics.median(_cpu(app.run) for _ in range(RERUNS))
    trouble = f"   !! {app.exception[0].message}" if app.exception else ""
    return (
        f"  {page:<10} first {first:6.0f} ms {first / FIRST_LIMIT:5.2f}"
        f"   again {again:6.0f} ms {again / AGAIN_LIMIT:5.2f}{trouble}"
    )


def _cpu(act: Callable[[], object]) -> float:
    """Milliseconds of this process: what else the machine does is not in them."""
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1000
