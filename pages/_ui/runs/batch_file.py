"""A run's requests as a file, and its answers back from one: three steps from left to right."""

import streamlit as st

from core.model import Run
from core.services.batching.handling import ExportedFile, ImportReport
from core.services.media.vocabulary import bytes_in_words
from core.workbench import Workbench
from pages._ui.runs.batch_words import command_for, report_in_words
from pages._ui.shell.errors import guarded
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count, plain

_LARGEST_DOWNLOAD = 200_000_000
_REPORT = "batch-file-report"


def file_steps(wb: Workbench, run: Run) -> None:
    """Take the file, have it answered, upload the answers. What came last time is said above."""
    _last_report(run)
    take, answer, bring = st.columns(3, gap="large")
    with take, guarded():
        st.markdown("**1** Download the file")
        _take(wb, run)
    with answer:
        st.markdown("**2** Have it answered")
        st.code(command_for(run), language="bash", wrap_lines=True)
        st.caption(
            "Or upload it to any host's batch page: the lines are those of OpenAI's batches. "
            "Most hosts take at most 50,000 lines and 200 MB in one file."
        )
    with bring, guarded():
        st.markdown("**3** Upload the answers")
        _bring(wb, run)


def _take(wb: Workbench, run: Run) -> None:
    written = wb.batches.last_export(run.id)
    if written is not None:
        _download(run, written)
    if is_pressed(
        "Write the file again" if written else f"Write the file ({count(run.missing, 'item')})",
        key=f"batch-write-{run.id}",
        type="tertiary" if written else own("write", presses=True),
        icon=":material/edit_document:",
        disabled=not run.missing,
        help="Contains the items that are missing now. Answers in the cache are used at once.",
    ):
        _write(wb, run)
    if run.errors and is_pressed(
        f"Write the file with failed items ({count(run.errors, 'item')})",
        key=f"batch-retry-{run.id}",
        type="tertiary",
        icon=":material/refresh:",
        help="Clears their errors, so that they are asked about again.",
    ):
        _write(wb, run, retry_errors=True)


def _write(wb: Workbench, run: Run, *, retry_errors: bool = False) -> None:
    with st.spinner("Writing …"):
        wb.batches.export(run.id, retry_errors=retry_errors)
    st.rerun()


def _download(run: Run, written: ExportedFile) -> None:
    if written.bytes <= _LARGEST_DOWNLOAD:
        with written.path.open("rb") as content:
            st.download_button(
                f"Download {bytes_in_words(written.bytes)}",
                content,
                file_name=f"run-{run.number}.jsonl",
                mime="application/jsonl",
                key=f"batch-download-{run.id}",
                type=own("download", presses=True),
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption(f"{count(written.lines, 'line')} · {plain(written.path)}")


def _bring(wb: Workbench, run: Run) -> None:
    place = f"batch-results-{run.id}"
    number = st.session_state.setdefault(place, 0)
    file = st.file_uploader(
        "Result file (JSONL)",
        key=f"{place}-{number}",
        label_visibility="collapsed",
        help="Lines in any order. Uploading the same file twice changes nothing.",
    )
    if file is None:
        return
    st.session_state[place] = number + 1
    with st.spinner("Reading …"):
        report = wb.batches.import_results(run.id, file)
    st.session_state[_REPORT] = run.id, report
    st.rerun()


def _last_report(run: Run) -> None:
    run_id, report = st.session_state.get(_REPORT, (None, None))
    if run_id != run.id or not isinstance(report, ImportReport):
        return
    show = st.warning if report.unreadable or report.failed else st.success
    show(plain(report_in_words(report)), icon=":material/task:")
    if report.problems:
        rows = ", ".join(f"{problem.row:,}" for problem in report.problems[:10] if problem.row is not None)
        st.caption(plain(f"Lines that could not be read: {rows}{' …' if report.unreadable > 10 else '.'}"))
