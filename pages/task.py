"""Task: what do I ask of an item?"""

import streamlit as st

from core.model import Project
from core.workbench import Workbench
from pages._ui.shell.frame import show_project
from pages._ui.task.draft import open_draft
from pages._ui.task.labels_view import label_table, save_bar
from pages._ui.task.layout_view import layout_panel
from pages._ui.task.options_view import options_panel
from pages._ui.task.preview_view import guidelines_panel, item_preview
from pages._ui.task.tools_view import tools


def task(wb: Workbench, project: Project) -> None:
    draft = open_draft(wb, project)
    left, right = st.columns([9, 4], gap="medium")
    with right:
        guidelines_panel(draft)  # before the table, whose first word may come while the rest is being drawn
    with left:
        label_table(wb, project, draft)
        options_panel(wb, project, draft)
        edited = save_bar(wb, project, draft)
        tools(wb, project, draft, edited)
        layout_panel(wb, project)
    with right:
        item_preview(wb, project, edited)


show_project("Task", task)
