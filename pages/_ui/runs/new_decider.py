"""Whose answers decide of which items a model is asked a question that hangs on an earlier one."""

from core.model import Project
from core.services.asking.deciding import OWN
from core.workbench import Workbench
from pages._ui.shell.pick import pick
from pages._ui.words.text import plain

DECIDER = "run_asked_by"
_REFERENCE = "reference"


def pick_decider(wb: Workbench, project: Project) -> int | None:
    """The annotator of the earlier question, None for its reference; asked only where there is a condition."""
    where = wb.projects.asked_where(project.id)
    if not where:
        return None
    condition = wb.projects.condition(project.id)
    reference = wb.projects.get(condition.on).reference_id if condition else None
    there = {str(one.id): one.name for one in wb.runs.deciders(project.id)}
    usual = there.pop(str(reference), "nobody yet")
    options = {_REFERENCE: f"{usual}, the reference"} | there | {"own": "each model itself"}
    chosen = pick(
        f"Asked {plain(where, 80)}, as answered by",
        options,
        key=DECIDER,
        help="Items that these answers rule out are left out, and so are items without one. The choice is fixed when "
        "the run starts.",
    )
    return None if chosen == _REFERENCE else OWN if chosen == "own" else int(chosen)
