"""Fine-tune: teach a model what people decided."""

from core.model import Project
from core.workbench import Workbench
from pages._ui.fine_tune.form import new_fine_tune
from pages._ui.fine_tune.golden import golden_answers
from pages._ui.fine_tune.jobs import jobs_panel, taught_beside
from pages._ui.fine_tune.studies import studies_panel
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import show_project


def fine_tune(wb: Workbench, project: Project) -> None:
    jobs = wb.fine_tunes.all(project.id)
    with guarded():
        new_fine_tune(wb, project, jobs)
    with guarded():
        studies_panel(wb, project)
    taught_beside(wb, project)
    jobs_panel(wb, project, [job for job in jobs if not job.is_trial])
    with guarded():
        golden_answers(wb, project)


show_project("Fine-tune", fine_tune)
