"""Script runs of every page, through Streamlit's own test harness."""

import os
import statistics
import time
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from core.workbench import Workbench
from core.worker import Worker

ROOT = Path(__file__).parents[2]
PAGES = ("projects", "data", "task", "prompts", "runs", "review", "agreement", "fine_tune", "compare", "export")
RERUNS = 5


def page_times(wb: Workbench, project_id: int) -> list[str]:
    """One line a page: the first run and the median rerun."""
    os.environ["LABELLOOP_DATA"] = str(wb.settings.data_dir)
    ensure_started, Worker.ensure_started = Worker.ensure_started, lambda self: None  # type: ignore[method-assign]
    st.cache_resource.clear()
    try:
        return [_line(page, project_id) for page in PAGES]
    finally:
        Worker.ensure_started = ensure_started  # type: ignore[method-assign]
        st.cache_resource.clear()


def _line(page: str, project_id: int) -> str:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["project"] = str(project_id)
    app.run()
    started = time.perf_counter()
    app.switch_page(f"pages/{page}.py").run()
    first = time.perf_counter() - started
    reruns = []
    for _ in range(RERUNS):
        started = time.perf_counter()
        app.run()
        reruns.append(time.perf_counter() - started)
    trouble = f"   !! {app.exception[0].message}" if app.exception else ""
    return f"  {page:<10} first {first * 1000:6.0f} ms   again {statistics.median(reruns) * 1000:6.0f} ms{trouble}"
