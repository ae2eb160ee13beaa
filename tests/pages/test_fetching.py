"""Data: a sentence says which hosts would be asked for files, and nothing is asked for before it is agreed to."""

from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.model import FetchStatus
from core.services.media import fetching
from core.workbench import Workbench
from tests.pages.conftest import OpenApp, texts

ROWS = "photo,caption,label\n" + "".join(
    f"https://{'a.example' if n % 3 else 'b.example'}/{n}.png,A photograph of number {n},{'xy'[n % 2]}\n"
    for n in range(9)
)


def test_hosts_are_named_before_an_import_and_asked_only_once_agreed_to(
    app: OpenApp, wb: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "photos.csv"
    path.write_text(ROWS)
    at = app("data", new=1, **{"from": "path"}, path=path)
    next(button for button in at.button if button.label == "Read").click().run()
    assert "photo: 9 addresses on 2 hosts: a.example (6), b.example (3)." in texts(at).replace("\\", "")
    [agrees] = [one for one in at.checkbox if one.label.startswith("Fetch the files")]
    assert not agrees.value
    agrees.check().run()
    next(button for button in at.button if button.label.startswith("Import 9")).click().run()
    assert not at.exception
    (project,) = wb.projects.all()
    (source,) = wb.media.sources(project.id)
    assert source.newest is not None
    assert (source.newest.status, source.newest.hosts) == (FetchStatus.QUEUED, ("a.example", "b.example"))


def test_without_the_tick_nothing_is_asked_and_the_hosts_are_chosen_later(
    app: OpenApp, wb: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "photos.csv"
    path.write_text(ROWS)
    at = app("data", new=1, **{"from": "path"}, path=path)
    next(button for button in at.button if button.label == "Read").click().run()
    next(button for button in at.button if button.label.startswith("Import 9")).click().run()
    (project,) = wb.projects.all()
    assert wb.media.sources(project.id)[0].newest is None
    at = app("data", project=project.id, view="files")
    assert "Nothing is fetched before you press the button." in texts(at)
    [hosts] = [one for one in at.multiselect if one.label == "Hosts that are asked"]
    hosts.set_value(["b.example"]).run()
    next(button for button in at.button if button.label == "Fetch 3 files from 1 host").click().run()
    newest = wb.media.sources(project.id)[0].newest
    assert newest is not None and newest.hosts == ("b.example",)
    assert [one.label for one in at.button if one.label == "Cancel"] and not at.exception


def test_more_addresses_than_one_fetch_takes_are_said_before_the_import(
    app: OpenApp, wb: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_ADDRESSES", 5)
    path = tmp_path / "photos.csv"
    path.write_text(ROWS)
    at = app("data", new=1, **{"from": "path"}, path=path)
    next(button for button in at.button if button.label == "Read").click().run()
    assert "There are 9 addresses; the limit is 5 at one time." in texts(at)
    assert not [one for one in at.checkbox if one.label.startswith("Fetch the files")]
    next(button for button in at.button if button.label.startswith("Import 9")).click().run()
    (project,) = wb.projects.all()
    at = app("data", project=project.id, view="files")
    assert next(one for one in at.button if one.label.startswith("Fetch 9")).disabled
    [hosts] = [one for one in at.multiselect if one.label == "Hosts that are asked"]
    hosts.set_value(["b.example"]).run()
    next(button for button in at.button if button.label == "Fetch 3 files from 1 host").click().run()
    newest = wb.media.sources(project.id)[0].newest
    assert newest is not None and newest.hosts == ("b.example",) and not at.exception


def test_what_goes_wrong_after_an_import_is_said_on_the_new_projects_page(
    app: OpenApp, wb: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photos.csv"
    path.write_text(ROWS)
    at = app("data", new=1, **{"from": "path"}, path=path)
    next(button for button in at.button if button.label == "Read").click().run()
    [agrees] = [one for one in at.checkbox if one.label.startswith("Fetch the files")]
    agrees.check().run()

    def full(*_: object) -> None:
        raise WorkbenchError("The disk is full.", "Free some space.")

    monkeypatch.setattr(fetching, "begin", full)
    next(button for button in at.button if button.label.startswith("Import 9")).click().run()
    (project,) = wb.projects.all()
    assert not wb.media.sources(project.id)[0].newest and not at.exception
    assert [one.message for one in at.session_state["errors:held"]] == ["The disk is full."]
