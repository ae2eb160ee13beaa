"""The states of a training that its host kept: how each does when it is asked."""

from collections.abc import Sequence

import streamlit as st

from core.model import FineTune, FineTuneEvent, FineTuneStatus
from core.services.learning.fine_tuning import writes_only
from core.services.learning.vocabulary import Checkpoint, Checkpoints, asking
from core.workbench import Workbench
from pages._ui.fine_tune.charts import STILL, score_chart
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import go
from pages._ui.shell.press import is_pressed
from pages._ui.words.figures import with_interval
from pages._ui.words.text import count


def checkpoints(wb: Workbench, job: FineTune, events: Sequence[FineTuneEvent]) -> None:
    """Their scores on validation, by really asking them; nothing where there is no more than the model itself."""
    if job.status is not FineTuneStatus.SUCCEEDED or writes_only(job):
        return
    found = wb.fine_tunes.checkpoints(job, events)
    if len(found.all) < 2:
        return
    if found.scored:
        told = told_of(found)
        st.plotly_chart(score_chart(found), key=f"job-{job.id}-checkpoints", config=STILL, alt=told)
        st.caption(told)
    if len(found.scored) < len(found.all) and is_pressed(
        "Ask each checkpoint about validation",
        key=f"ask-checkpoints-{job.id}",
        icon=":material/quiz:",
        help=f"Starts {count(len(found.all), 'run')} over the validation items, one for each state that the host kept; "
        "what was answered before is not asked again.",
    ):
        with guarded():
            started = wb.runs.start_missing(asking(job, found))
            if started:
                go("runs", run=started[0].id)


def told_of(found: Checkpoints) -> str:
    """Which does best, and whether it is the one that is kept."""
    best = found.best
    if best is None or best.score is None:
        return ""
    told = f"Best on validation: step {best.step:,.0f}, {found.title} {with_interval(best.score)}"
    kept = next((one for one in found.scored if one.is_kept), None)
    if kept is None or kept.score is None:
        return f"{told}."
    if kept is best:
        return f"{told}; that is the model."
    return f"{told}; the model is step {kept.step:,.0f} with {with_interval(kept.score)}.{_overlap(best, kept)}"


def _overlap(best: Checkpoint, kept: Checkpoint) -> str:
    assert best.score is not None and kept.score is not None
    if best.score.low is None or kept.score.high is None or best.score.low > kept.score.high:
        return ""
    return " Their intervals overlap: chance may have chosen between them."
