"""Export: what is there to take elsewhere, and how does it look?"""

from core.model import Project
from core.workbench import Workbench
from pages._ui.export.built_list import built_list
from pages._ui.export.view import (
    annotations_panel,
    bring_decisions,
    choose_panel,
    report_panel,
    task_panel,
    training_panel,
)
from pages._ui.shell.frame import show_project


def export(wb: Workbench, project: Project) -> None:
    match choose_panel():
        case "training":
            training_panel(wb, project)
        case "task":
            task_panel(wb, project)
        case "report":
            report_panel(wb, project)
        case _:
            annotations_panel(wb, project)
    built_list(wb, project)


show_project("Export", export, first=bring_decisions)
