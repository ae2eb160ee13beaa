"""Data: what is in here, and is it clean? With `?new=1`, or before there is any project: the import."""

from pages._ui.data.browser_view import browser
from pages._ui.data.import_view import import_wizard, is_importing
from pages._ui.data.splits_view import splits_panel
from pages._ui.data.view import distribution, head, near_duplicates
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import enter, open_project


def look() -> None:
    """The items of a project, from several sides."""
    wb, project = open_project("Data")
    with guarded():
        view = head(wb, project)
        if view == "items":
            browser(wb, project)
        elif view == "labels":
            distribution(wb, project)
        elif view == "near":
            near_duplicates(wb, project)
        else:
            splits_panel(wb, project)


wb = enter()
if is_importing():
    with guarded():
        import_wizard(wb)
else:
    look()
