"""The reminder that tuned models stand deployed, which costs whether they are called or not: on every page."""

from datetime import UTC, datetime

import streamlit as st

from core.services.learning.deploying import in_all
from core.workbench import Workbench
from pages._ui.shell.navigation import page
from pages._ui.words.money import dollars
from pages._ui.words.text import count, duration


def remind_of_deployed(wb: Workbench) -> None:
    """One line a project that has any, with the way to where they are taken down."""
    by_project: dict[int, list[int]] = {}
    live = wb.deployments.live()
    for at, (_, job) in enumerate(live):
        by_project.setdefault(job.project_id, []).append(at)
    for project_id, places in by_project.items():
        hours, cost = in_all([live[at][0] for at in places], datetime.now(UTC))
        said = f"{count(len(places), 'model')} deployed · {duration(hours * 3600)}"
        said += f" · {dollars(cost)}" if cost is not None else ""
        st.page_link(
            page("fine_tune"),
            label=f":orange[{said.replace('$', chr(92) + '$')}]",
            icon=":material/cloud:",
            query_params={"project": str(project_id)},
            help="It costs whether it is called or not: take it down after use.",
        )
