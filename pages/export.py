"""Export: what can be taken away, and how does it look?"""

from pages._ui.export.view import (
    annotations_panel,
    bring_decisions,
    choose_panel,
    report_panel,
    task_panel,
    training_panel,
)
from pages._ui.shell.errors import guarded, needed
from pages._ui.shell.frame import enter, open_project

with needed():
    bring_decisions(enter())
wb, project = open_project("Export")
with guarded():
    match choose_panel():
        case "training":
            training_panel(wb, project)
        case "task":
            task_panel(wb, project)
        case "report":
            report_panel(wb, project)
        case _:
            annotations_panel(wb, project)
