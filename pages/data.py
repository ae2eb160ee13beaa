"""Data: what is in here, and is it clean? With `?new=1`, or before there is any project: the import."""

from core.model import Project
from core.workbench import Workbench
from pages._ui.data.add_view import add_file, is_adding
from pages._ui.data.browser_view import browser
from pages._ui.data.fetch_view import files_panel
from pages._ui.data.import_view import import_wizard, is_importing
from pages._ui.data.splits_view import splits_panel
from pages._ui.data.uploads_view import uploads_panel
from pages._ui.data.view import distribution, head, near_duplicates
from pages._ui.shell.frame import about_project, show


def data(wb: Workbench) -> None:
    if is_importing():
        import_wizard(wb)
    else:
        about_project(wb, "Data", look)


def look(wb: Workbench, project: Project) -> None:
    """The items of a project, from several sides."""
    if is_adding():
        add_file(wb, project)
        return
    view = head(wb, project)
    if view == "items":
        browser(wb, project)
    elif view == "labels":
        distribution(wb, project)
    elif view == "near":
        near_duplicates(wb, project)
    elif view == "uploads":
        uploads_panel(wb, project)
    elif view == "files":
        files_panel(wb, project)
    else:
        splits_panel(wb, project)


show(data)
