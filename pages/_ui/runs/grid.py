"""The runs of a grid beside each other: which model with which prompt is best, and at what price."""

import streamlit as st

from core.model import Project, Run, Split
from core.services.runs.side_by_side import SideBySide
from core.workbench import Workbench
from pages._ui.runs.grid_rows import grid_row, headings
from pages._ui.runs.open_rows import rows_to_open
from pages._ui.shell.frame import link
from pages._ui.words.text import plain


def grid_table(wb: Workbench, project: Project, run: Run) -> None:
    """A row for each model with each prompt, the opened one marked; nothing where there is but one."""
    together = wb.runs.grid(run.id)
    if len({one.annotator_id for one in together}) < 2:
        return
    states = tuple(
        (one.id, str(one.status), one.done, one.errors, one.calls, wb.runs.costs.of(one)) for one in together
    )
    stamp = (run.grid_id, wb.prompts.results_stamp(project.id), states)
    grid = _read(wb, str(wb.settings.database_path), run.id, stamp)
    rows_to_open(
        headings(grid.measure),
        [grid_row(cell) for cell in grid.cells],
        [cell.run.id for cell in grid.cells],
        [cell.run.id for cell in grid.cells if any(one.id == run.id for one in cell.runs)],
        key=f"run-grid-{run.grid_id}",
    )
    _how_to_read(grid, run)


@st.cache_data(max_entries=20, show_spinner=False)
def _read(_wb: Workbench, database: str, run_id: int, stamp: tuple[object, ...]) -> SideBySide:
    return _wb.runs.side_by_side(run_id)


def _how_to_read(grid: SideBySide, run: Run) -> None:
    """Against whom, on what and how; for test items, where their scores are."""
    split = run.config.get("split")
    if split == Split.TEST:
        st.caption("Seeing scores on test items counts as a look, so they are only on Agreement and Compare.")
        whose = [cell.annotator.id for cell in grid.cells if cell.labelled]
        if whose:
            with st.container(horizontal=True):
                link(
                    "agreement",
                    "Agreement on test",
                    icon=":material/handshake:",
                    agree_who=",".join(map(str, whose)),
                    agree_on=split,
                )
                if len(whose) > 1:
                    link(
                        "compare",
                        "Compare on test",
                        icon=":material/compare_arrows:",
                        compare_a=whose[0],
                        compare_b=whose[1],
                        compare_split=split,
                    )
    elif grid.reference is None:
        st.caption("There is no reference yet: its labels tell which of these are right.")
    else:
        items = f"{split} items" if split else "items outside test"
        has_probes = any(one.config.get("purpose") == "probe" for cell in grid.cells for one in cell.runs)
        probes = "Costs and tokens include the probe. " if has_probes else ""
        st.caption(
            f"Accuracy: agreement with **{plain(grid.reference.name)}** on {items}, with 95 % intervals (Wilson). "
            f"{plain(' '.join(grid.sentences))} {probes}Click a row to open its run."
        )
