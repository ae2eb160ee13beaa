"""Placeholder."""

from pages._ui.shell import open_project

wb, project = open_project("Fine_tune")
