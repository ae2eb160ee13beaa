"""What every page says when the database cannot be used: one sentence, never a bare error."""

import importlib
import sqlite3
import sys
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.services.hosts.drafts import HostDraft
from core.services.projects.progress import Progress
from core.services.projects.projects import Projects
from core.workbench import Workbench
from pages._ui.shell.handle import workbench
from pages._ui.shell.navigation import name_of
from tests.pages.conftest import ROOT, OpenApp, Small, asked, texts

NAMES = sorted(file.stem for file in (ROOT / "pages").glob("*.py"))
OF_A_PROJECT = [name for name in NAMES if name not in ("projects", "hosts")]


def busy(*_: object) -> None:
    raise WorkbenchError("The database is busy.", "Try again in a moment.")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_another_program_is_named_on_every_page(app: OpenApp, tmp_path: Path, name: str) -> None:
    path = tmp_path / "labelloop.sqlite3"
    path.unlink()
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE theirs (id INTEGER)")
    at = app(name)
    assert not at.exception
    assert "is a database that belongs to another program." in texts(at)


@pytest.mark.parametrize("name", OF_A_PROJECT)
@pytest.mark.parametrize("verb", [(Projects, "get"), (Progress, "of")])
def test_a_busy_database_is_said_where_the_project_is_opened(
    app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch, name: str, verb: tuple[type, str]
) -> None:
    monkeypatch.setattr(*verb, busy)
    at = app(name, project=small.id)
    assert not at.exception
    assert "The database is busy. Try again in a moment." in texts(at)


def test_a_busy_database_is_said_where_the_projects_are_listed(
    app: OpenApp, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Projects, "all", busy)
    at = app("projects")
    assert not at.exception
    assert "The database is busy." in texts(at)


@pytest.mark.parametrize("name", OF_A_PROJECT)
def test_a_link_to_a_project_that_is_not_there_says_so_and_opens_no_other(
    app: OpenApp, small: Small, name: str
) -> None:
    at = app(name, project=999)
    assert not at.exception
    assert "There is no project 999." in texts(at)
    assert asked(at, "project") == "999"


def only_the_picker() -> None:
    from pages._ui.shell.frame import project_picker

    project_picker()


def test_where_a_link_named_no_project_one_is_chosen_in_the_sidebar(small: Small) -> None:
    at = AppTest.from_function(only_the_picker, default_timeout=30)
    at.query_params["project"] = "999"
    at.run()
    assert "There is no project 999." in at.sidebar.warning[0].value
    at.sidebar.selectbox[0].select(str(small.id)).run()
    assert not at.exception
    assert asked(at, "project") == at.sidebar.selectbox[0].value == str(small.id)
    assert not at.sidebar.warning


@pytest.mark.parametrize("name", NAMES)
def test_an_address_is_that_of_its_page_however_somebody_writes_it(name: str) -> None:
    written = [name, f"/{name}", f"/{name}/", name.title(), name.upper(), name.replace("_", "-"), f"/behind/{name}"]
    assert {name_of(one) for one in written} == {"" if name == "projects" else name}


@pytest.mark.parametrize("address", ["nowhere", "/nowhere", "/project", "/data2"])
def test_an_address_of_no_page_is_asked_for_as_it_stands(address: str) -> None:
    assert name_of(address) == address.strip("/")


def test_emptied_caches_and_modules_loaded_anew_leave_the_one_workbench_and_the_keys_typed_into_it(
    app: OpenApp, wb: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is connected can ask Streamlit to empty its caches; it loads modules anew where a file changes."""
    wb.hosts.add("vllm", HostDraft("Mine", "http://127.0.0.1:9/v1"))
    app("projects")
    held = workbench()
    held.hosts.type_key("vllm", "sk-typed-0123456789")
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.delitem(sys.modules, "pages._ui.shell.handle")
    app("projects")
    anew = importlib.import_module("pages._ui.shell.handle")
    assert anew.workbench is not workbench, "the module was not loaded anew"
    assert anew.workbench() is held
    assert anew.workbench().hosts.key_source("vllm") == "typed"


@pytest.mark.parametrize("name", ["task", "prompts", "runs", "review", "agreement", "fine_tune", "compare", "export"])
def test_a_page_without_a_project_offers_the_own_file_and_the_demo(app: OpenApp, name: str) -> None:
    at = app(name)
    assert not at.exception and "There is no project yet" in texts(at)
    assert [one.label for one in at.button] == ["New project from a file", "Start with the demo"]


def test_the_demo_begins_from_any_page(app: OpenApp, wb: Workbench) -> None:
    at = app("runs").button("start-demo").click().run()
    assert not at.exception and at.title[0].value == "Projects"
    assert [one.is_demo for one in wb.projects.all()] == [True]
