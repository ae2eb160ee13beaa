"""What service and page tests share: a real database file, a fake host, a workbench between them, a small project."""
# ruff: noqa: E402

import os
import shutil
from dataclasses import replace

# Two workers on two cores: BLAS threads that wait for each other in a loop take the time from the other worker's test,
# and the built-in host sets the same for itself. To be said before NumPy is imported.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest
from hypothesis import settings

from core.settings import Settings
from core.storage.engine import open_database
from core.workbench import open_workbench
from tests.fakes.host import FakeHost
from tests.fakes.worlds import make_project, right_label

# How long a busy machine takes is not what any test is about.
settings.register_profile("labelloop", deadline=None)
settings.load_profile("labelloop")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What several workers share out: the tests of a file that has a fixture of its own (a browser, a server, a taught
    head) go to one worker, which makes it once; the slow ones begin first, so that none is left alone at the end."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        fixtures = item._fixtureinfo.name2fixturedefs.values()
        if any(found and found[-1].scope == "module" for found in fixtures):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def fresh_file(tmp_path_factory):
    """A database just made, to copy: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("fresh") / "labelloop.sqlite3"
    open_database(path).close()
    return path


@pytest.fixture(scope="session")
def project_file(tmp_path_factory, fresh_file):
    """The same with `small_project` in it, and that project: it is much the same in each test, and takes a while."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copy(fresh_file, folder / "labelloop.sqlite3")
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(folder)}))
    project = make_project(opened)
    opened.close()
    return folder / "labelloop.sqlite3", project


@pytest.fixture
def db(tmp_path, fresh_file):
    shutil.copy(fresh_file, tmp_path / "labelloop.sqlite3")
    database = open_database(tmp_path / "labelloop.sqlite3")
    yield database
    database.close()


@pytest.fixture
def fake_host():
    """Answers every item of `small_project` rightly unless told otherwise."""
    with FakeHost(right_label) as host:
        yield host


@pytest.fixture
def workbench(tmp_path, fake_host, monkeypatch, request):
    """A workbench in a folder of its own whose host "openai" is the fake one. Its worker is not started."""
    monkeypatch.setenv("LABELLOOP_DATA", str(tmp_path))
    monkeypatch.setenv("OPENAI_BASE_URL", fake_host.base_url)
    for name in ("LABELLOOP_DATABASE", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("core.worker._IDLE_SECONDS", 0.02)
    has_project = "small_project" in request.fixturenames
    file = request.getfixturevalue("project_file")[0] if has_project else request.getfixturevalue("fresh_file")
    shutil.copy(file, tmp_path / "labelloop.sqlite3")
    opened = open_workbench()
    yield opened
    fake_host.release()
    opened.close()


@pytest.fixture
def small_project(workbench, project_file):
    """Sixty items in three splits, two imported annotators, one prompt version: see `SmallProject`."""
    return replace(project_file[1], wb=workbench)
