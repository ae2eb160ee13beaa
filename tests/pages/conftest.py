"""A real workbench on a file of its own, and pages run through AppTest on it. Nothing is ever sent to a host here."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from core.embedded.process import Connection, EmbeddedHost
from core.model import AnnotatorKind, Label, Split, TableData, Task
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.settings import Settings
from core.splits import Shares
from core.storage import fine_tunes, items, tasks
from core.workbench import Workbench, open_workbench
from core.worker import Worker
from pages._ui.shell.handle import let_go
from tests.fakes import saying

ROOT = Path(__file__).parents[2]
LABELS = ("SPORTS", "POLITICS", "MONEY")
COLORS = ("#0072B2", "#D55E00", "#009E73")
OpenApp = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _packages_looked_through_once() -> Iterator[None]:
    """Each AppTest looks through all installed packages for components, which takes longer than most pages."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(scope="session")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedHost]:
    """The built-in host, one for all pages: they ask it for its models only, and a start costs a second."""
    host = EmbeddedHost(tmp_path_factory.mktemp("embedded"))
    yield host
    host.close()


def lent(host: EmbeddedHost) -> type[EmbeddedHost]:
    """What a workbench takes for a built-in host of its own: the same one for each, and ended by none."""

    class Lent(EmbeddedHost):
        is_running = False

        def ensure_started(self) -> Connection:
            self.is_running = True
            return host.ensure_started()

        def close(self) -> None:
            self.is_running = False

    return Lent


@pytest.fixture(autouse=True)
def _own_data(
    tmp_path: Path, built_in: EmbeddedHost, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """A folder of its own, no key in the environment, no worker, and no workbench left over from another test."""
    has_project = "small" in request.fixturenames
    file = request.getfixturevalue("small_file")[0] if has_project else request.getfixturevalue("fresh_file")
    shutil.copy(file, tmp_path / file.name)
    monkeypatch.setattr("core.services.hosts.connections.EmbeddedHost", lent(built_in))
    monkeypatch.setenv("LABELLOOP_DATA", str(tmp_path))
    for name in ("LABELLOOP_DATABASE", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Worker, "ensure_started", lambda self: None)
    _forget()
    yield
    _forget()


def _forget() -> None:
    let_go()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def app() -> OpenApp:
    """`app("compare", compare_a=3)`: the page of that name as a link with these parameters opens it."""

    def open_page(name: str, **parameters: object) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for key, value in parameters.items():
            at.query_params[key] = str(value)
        at.run()
        at.switch_page(f"pages/{name}.py")
        for key, value in parameters.items():
            at.query_params[key] = str(value)
        return at.run()

    return open_page


@pytest.fixture
def wb() -> Iterator[Workbench]:
    """The workbench of this test's folder, for what has to be there before a page is opened."""
    opened = open_workbench(Settings.from_env())
    yield opened
    opened.close()


@dataclass(frozen=True)
class Small:
    """A project of 60 headlines, labelled by maria (the reference) and jonas, with one prompt version."""

    id: int
    reference: int
    other: int
    version: int


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory, fresh_file: Path) -> tuple[Path, Small]:
    """A database with the small project in it, to copy."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copy(fresh_file, folder / fresh_file.name)
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(folder)}))
    project = _small(opened)
    opened.close()
    return folder / fresh_file.name, project


@pytest.fixture
def small(small_file: tuple[Path, Small]) -> Small:
    """In the database of this test from its beginning."""
    return small_file[1]


def _small(wb: Workbench) -> Small:
    rows = [[f"n{i}", f"{LABELS[i % 3]} headline {i * i} about {i * 7919 % 1009}", *_labels(i)] for i in range(60)]
    task = Task(tuple(Label(name, color=color) for name, color in zip(LABELS, COLORS, strict=True)))
    table = TableData(("id", "text", "maria", "jonas"), rows)
    project_id = wb.data.import_table(table, ImportChoice("Small", ("text",), ("maria", "jonas"), "id"), task=task)
    wb.data.split(project_id, Shares(0.5, 0.2, 0.3), seed=1)
    version = wb.prompts.save(project_id, "Choose one of {{label_names}}.", "{{text}}", "names")
    people = {one.name: one.id for one in wb.projects.annotators(project_id)}
    return Small(project_id, people["maria"], people["jonas"], version.id)


def _labels(i: int) -> tuple[str, str]:
    return LABELS[i % 3], LABELS[(i + (i % 5 == 0)) % 3]


def add_model(
    wb: Workbench,
    small: Small,
    name: str,
    *,
    wrong_every: int,
    fine_tune_id: int | None = None,
    split: Split | None = None,
) -> int:
    """A model annotator that gives the reference's label, except to every so-manieth item (0: to none)."""
    with wb.db.write() as conn:
        annotator = ensure_annotator(
            conn,
            small.id,
            AnnotatorKind.MODEL,
            name,
            host="embedded",
            model=name,
            prompt_version_id=small.version,
            fine_tune_id=fine_tune_id,
        )
        truth = saying.label_ids_of(conn, small.reference)
        ids = sorted({label for label in truth.values()})
        chosen = items.ids_in(conn, small.id, split)
        pairs = [
            (item, ids[(ids.index(truth[item]) + (1 if wrong_every and place % wrong_every == 0 else 0)) % len(ids)])
            for place, item in enumerate(chosen)
        ]
        saying.append_labels(conn, annotator, pairs)
        return annotator


def add_fine_tune(wb: Workbench, small: Small, **finished: object) -> int:
    """A fine-tune's row, as the worker leaves it; still queued without `finished`."""
    with wb.db.write() as conn:
        job = fine_tunes.create(
            conn,
            small.id,
            annotator_id=small.reference,
            prompt_version_id=small.version,
            host="embedded",
            base_model="base",
            n_train=30,
            n_validation=12,
            config={"number": 1, "parameters": {"n_epochs": 3}, "with_validation": True},
        )
        if finished:
            status = finished.pop("status")
            fine_tunes.finish(conn, job, status, **finished)  # type: ignore[arg-type]
        return job


def label_id(wb: Workbench, project_id: int, name: str) -> int:
    with wb.db.read() as conn:
        return next(i for i, label in tasks.label_names(conn, project_id).items() if label == name)


def texts(at: AppTest) -> str:
    """Everything written on the page outside tables, as one text."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "info",
        "warning",
        "error",
        "success",
        "code",
    )
    return "\n".join(str(element.value) for kind in kinds for element in getattr(at, kind)).replace("\\", "")


def asked(at: AppTest, key: str) -> str:
    """What the page's link says under this key."""
    value = at.query_params.get(key, "")
    return value if isinstance(value, str) else value[0]


def tables(at: AppTest) -> list[list[dict[str, str]]]:
    """The tables to read that are on the page, each as its rows: what stands under each heading."""
    found = [
        json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.component_name.endswith("_table")
    ]
    return [
        [
            {
                heading["title"]: " ".join(filter(None, map(cell.get, ("text", "faint", "note"))))
                for heading, cell in zip(one["headings"], row, strict=True)
            }
            for row in one["rows"]
        ]
        for one in found
        if "headings" in one
    ]


def marked(at: AppTest, key: str) -> list[int]:
    """What is open of a table whose rows open something, by its key."""
    (found,) = [one.proto for one in at.get("bidi_component") if key in one.proto.id]
    ids: list[int] = json.loads(found.json)["open"]
    return ids
