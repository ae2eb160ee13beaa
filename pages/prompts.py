"""Prompts: how do I ask, and does it work on a few?"""

from pages._ui.prompts.diff import show_difference
from pages._ui.prompts.view import choose_versions, needs, results_table, workspace
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import open_project

wb, project = open_project("Prompts")
with guarded():
    missing = needs(wb, project)
    versions = wb.prompts.versions(project.id)
    base, other = choose_versions(wb, project, versions)
    workspace(wb, project, versions, base, missing)
    if base is not None and other is not None:
        show_difference(wb, other, base)
    if versions:
        results_table(wb, project, versions)
