"""How often each label was answered in a run, live or ended."""

import streamlit as st

from core.model import Project
from core.services.runs.details import RunDetails
from core.workbench import Workbench
from pages._ui.runs.charts import answers_chart

STILL = {"displayModeBar": False}
_MOST_HEIGHT = 260


def answers_by_label(wb: Workbench, project: Project, details: RunDetails, *, key: str) -> None:
    """One bar a label; many scroll within, so that what is below stays in view."""
    st.markdown("**Answers by label**")
    chart = answers_chart(details.answers, wb.tasks.get(project.id).choices)
    with st.container(height=_MOST_HEIGHT if chart.layout.height > _MOST_HEIGHT else "content", border=False):
        st.plotly_chart(
            chart, key=key, config=STILL, alt=", ".join(f"{name} {n:,}" for name, n in details.answers.items())
        )
