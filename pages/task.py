"""Task: what do I ask of an item?"""

import streamlit as st

from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import open_project
from pages._ui.task.draft import open_draft
from pages._ui.task.labels_view import fallback_row, label_table, save_bar
from pages._ui.task.preview_view import guidelines_panel, item_preview
from pages._ui.task.tools_view import tools

wb, project = open_project("Task")
with guarded():
    draft = open_draft(wb, project)
    left, right = st.columns([9, 4], gap="medium")
    with left:
        rows = label_table(wb, project, draft)
        fallback = fallback_row(draft)
    with right:
        guidelines = guidelines_panel(draft)
    with left:
        edited = save_bar(wb, project, draft, rows, fallback, guidelines)
        tools(wb, project, draft, edited.task)
    with right:
        item_preview(wb, project, edited.task)
