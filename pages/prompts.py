"""Prompts: how do I ask, and does it work on a few?"""

from core.model import Project
from core.workbench import Workbench
from pages._ui.prompts.diff import show_difference
from pages._ui.prompts.view import choose_versions, needs, workspace
from pages._ui.shell.frame import show_project


def prompts(wb: Workbench, project: Project) -> None:
    missing = needs(wb, project)
    versions = wb.prompts.versions(project.id)
    base, other = choose_versions(wb, project, versions)
    workspace(wb, project, versions, base, missing)
    if base is not None and other is not None:
        show_difference(wb, other, base)


show_project("Prompts", prompts)
