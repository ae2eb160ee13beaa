"""A fine-tune comes to another machine: everything once, nothing of a zip that is not what it says."""

import io
import json
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from core.errors import WorkbenchError
from core.model import AnnotatorKind, FineTuneStatus, Split
from core.portable import bundle
from core.services.data.bringing import ItemFilter
from core.services.hosts.drafts import HostDraft
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from core.settings import Settings
from core.storage import taught
from core.workbench import Workbench, open_workbench
from tests.fakes.host import FakeHost
from tests.fakes.waiting import work_off
from tests.fakes.worlds import SmallProject, make_project, right_label

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The machine where a model was fine-tuned and measured on test; made once, since nothing here changes it."""
    folder = tmp_path_factory.mktemp("home")
    with FakeHost(right_label) as host, pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
        patch.setattr("core.worker._IDLE_SECONDS", 0.02)
        settings = Settings.from_env({"LABELLOOP_DATA": str(folder), "OPENAI_BASE_URL": host.base_url})
        wb = open_workbench(settings)
        host.events = [
            {"id": "e1", "object": "fine_tuning.job.event", "created_at": 1, "level": "info", "message": "step 1",
             "type": "metrics", "data": {"step": 1, "train_loss": 0.5}}
        ]  # fmt: skip
        project = make_project(wb)
        request = TuneRequest(project.id, project.gold, project.version_id)
        started = wb.fine_tunes.start(request, host="openai", base_model="fake-large", parameters={"n_epochs": 2})
        work_off(wb)
        wb.runs.start_missing(follow_ups(wb.fine_tunes.get(started.id), Split.TEST))
        work_off(wb)
        yield Home(wb, project, wb.portable.export(started.id), host.base_url)
        host.release()
        wb.close()


class Home(NamedTuple):
    wb: Workbench
    project: SmallProject
    zip: Path
    address: str


@pytest.fixture
def zipped(home):
    return home.zip


@pytest.fixture
def workbench(home):
    return home.wb


@pytest.fixture
def small_project(home):
    return home.project


@pytest.fixture
def elsewhere(tmp_path):
    """Another machine: a workbench with a database, and no key, of its own."""
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "elsewhere")}))
    yield wb
    wb.close()


def everything(wb):
    """Every row of every table, and the files beside them."""
    with wb.db.read() as conn:
        names = [row[0] for row in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: conn.exec_driver_sql(f'SELECT * FROM "{name}"').all() for name in names if "fts" not in name}
    return rows, sorted(path.name for path in wb.settings.data_dir.rglob("*.jsonl"))


def test_what_comes_is_what_went(zipped, small_project, workbench, elsewhere):
    brought = elsewhere.portable.bring(zipped)
    assert (brought.is_new, brought.items, brought.left_out) == (True, 60, 0)
    here, there = elsewhere.projects.get(brought.project_id), workbench.projects.get(small_project.id)
    assert (here.name, here.split_seed) == (there.name, there.split_seed)
    names = ("name", "description", "color", "key")
    told = [[[getattr(one, name) for name in names] for one in wb.tasks.get(i).choices]
            for wb, i in ((elsewhere, here.id), (workbench, there.id))]  # fmt: skip
    assert told[0] == told[1]
    version, before = elsewhere.prompts.versions(here.id)[0], workbench.prompts.versions(there.id)[0]
    assert (version.number, version.system, version.user, version.note) == (
        before.number,
        before.system,
        before.user,
        before.note,
    )
    items = [[(one.text, one.external_id, one.split) for one in wb.data.page(i, ItemFilter(), limit=99)]
             for wb, i in ((elsewhere, here.id), (workbench, there.id))]  # fmt: skip
    assert items[0] == items[1]


def test_the_job_comes_along_as_its_host_told_it(zipped, workbench, elsewhere):
    elsewhere.portable.bring(zipped)
    here, there = elsewhere.fine_tunes, workbench.fine_tunes
    (brought,) = [job for project in elsewhere.projects.all() for job in here.all(project.id)]
    (sent,) = [job for project in workbench.projects.all() for job in there.all(project.id) if job.fine_tuned_model]
    told = json.loads(here.host_said(brought.id))
    assert told == json.loads(there.host_said(sent.id)) and told["fine_tuned_model"] == sent.fine_tuned_model


def test_the_figures_on_test_are_the_same_there(zipped, small_project, workbench, elsewhere):
    brought = elsewhere.portable.bring(zipped)
    job, before = elsewhere.fine_tunes.get(brought.fine_tune_id), workbench.fine_tunes.all(small_project.id)[0]
    assert (job.status, job.fine_tuned_model) == (FineTuneStatus.SUCCEEDED, before.fine_tuned_model)
    assert job.config["parameters"] == {"n_epochs": 2} and job.config["files"] == before.config["files"]
    views = []
    for wb, one in ((elsewhere, job), (workbench, before)):
        base, tuned = wb.fine_tunes.pair(one)
        gold = one.annotator_id
        views.append(wb.compare.view(one.project_id, gold, base, tuned, Split.TEST).figures)
    assert views[0] == views[1]
    assert [event.message for event in elsewhere.fine_tunes.events(job.id)] == ["step 1"]
    assert "| test |" in elsewhere.portable.card(job.id, with_test=True)


def test_what_its_model_was_taught_stays_known_and_the_looks_at_test_too(zipped, small_project, workbench, elsewhere):
    brought = elsewhere.portable.bring(zipped)
    with elsewhere.db.read() as conn:
        assert taught.number_of_keys(conn, [brought.fine_tune_id]) == 30
    assert elsewhere.compare.looks(brought.project_id) == workbench.compare.looks(small_project.id) == 2


def test_importing_twice_changes_nothing_there_and_importing_at_home_nothing_at_all(zipped, workbench, elsewhere):
    first = elsewhere.portable.bring(zipped)
    before = everything(elsewhere)
    again = elsewhere.portable.bring(zipped)
    assert (again.is_new, again.project_id, again.fine_tune_id) == (False, first.project_id, first.fine_tune_id)
    assert everything(elsewhere) == before
    at_home = everything(workbench)
    assert "already here" in workbench.portable.bring(zipped).sentence()
    assert everything(workbench) == at_home


def test_a_fine_tune_that_came_goes_on_as_the_same(zipped, elsewhere, workbench):
    brought = elsewhere.portable.bring(zipped)
    further = elsewhere.portable.export(brought.fine_tune_id)
    assert not workbench.portable.bring(further).is_new
    with zipfile.ZipFile(zipped) as one, zipfile.ZipFile(further) as other:
        for name in ("training/train.jsonl", "data/items.jsonl", "task.json", "job/events.jsonl"):
            if name != "job/events.jsonl":
                assert one.read(name) == other.read(name), name


def test_its_host_is_not_connected_until_one_is_chosen_for_it(home, zipped, elsewhere):
    brought = elsewhere.portable.bring(zipped)
    assert "is not connected" in elsewhere.portable.waits_for_host(brought.fine_tune_id)
    models = [one for one in elsewhere.projects.annotators(brought.project_id) if one.kind is AnnotatorKind.MODEL]
    assert len(models) == 2 and all(one.host.startswith("not connected") for one in models)
    mine = elsewhere.hosts.add("vllm", HostDraft("Mine", home.address))
    elsewhere.portable.connect(brought.fine_tune_id, mine.key)
    assert elsewhere.portable.waits_for_host(brought.fine_tune_id) == ""
    job = elsewhere.fine_tunes.get(brought.fine_tune_id)
    assert elsewhere.fine_tunes.pair(job) == tuple(one.id for one in sorted(models, key=lambda m: m.fine_tune_id or 0))
    with pytest.raises(WorkbenchError, match="connected already"):
        elsewhere.portable.connect(brought.fine_tune_id, mine.key)


# A zip that is not what it says.


def changed(path, target, change):
    """The zip with its entries (name -> bytes) changed, the manifest brought along where it is still there."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return target


def told_anew(entries, **parts):
    """Parts replaced by others, with the hashes in the manifest of what is there now."""
    import hashlib

    for name, data in parts.items():
        entries[name.replace("__", "/").replace("_json", ".json")] = data
    manifest = json.loads(entries["manifest.json"])
    for name in manifest["parts"]:
        manifest["parts"][name]["sha256"] = hashlib.sha256(entries[name]).hexdigest()
    entries["manifest.json"] = json.dumps(manifest).encode()


def a_line_more(entries, name, line):
    entries[name] += json.dumps(line).encode() + b"\n"
    told_anew(entries)


def json_with(entries, name, **news):
    entries[name] = json.dumps(json.loads(entries[name]) | news).encode()
    told_anew(entries)


DAMAGED = {
    "a part that was changed": (
        lambda e: e.update({"task.json": e["task.json"].replace(b"SPORTS", b"SPORTZ")}),
        "task.json in the zip is not as it was exported",
    ),
    "a part that is missing": (lambda e: e.pop("data/items.jsonl"), "lacks data/items.jsonl"),
    "no manifest": (lambda e: e.pop("manifest.json"), "no exported fine-tune"),
    "another manifest": (lambda e: e.update({"manifest.json": b'{"format": "x"}'}), "no exported fine-tune"),
    "a manifest that is no JSON": (lambda e: e.update({"manifest.json": b"{"}), "manifest.json in the zip is no JSON"),
    "a newer version": (
        lambda e: e.update({"manifest.json": json.dumps(json.loads(e["manifest.json"]) | {"version": 9}).encode()}),
        "version 9",
    ),
    "a climbing name": (lambda e: e.update({"../../evil": b"x"}), "which is refused"),
    "a climbing media name": (lambda e: e.update({"media/../../evil.png": b"x"}), "which is refused"),
    "an absolute name": (lambda e: e.update({"/etc/evil": b"x"}), "which is refused"),
    "a name with a backslash": (lambda e: e.update({"media\\..\\evil": b"x"}), "which is refused"),
    "a bomb": (lambda e: e.update({"bomb": b"0" * 60_000_000}), "unpacks to far more than its size"),
    "a medium that is none": (lambda e: e.update({f"media/{'a' * 64}.png": b"no picture"}), "no picture"),
    "JSON that ends early": (lambda e: told_anew(e, task_json=b'{"type"'), "task.json in the zip is no JSON"),
    "no task": (lambda e: told_anew(e, task_json=b"[]"), "task.json in the zip is not as LabelLoop writes it"),
    "an unknown kind": (lambda e: json_with(e, "task.json", type="poem"), "task.json in the zip is not as LabelLoop"),
    "one label": (lambda e: json_with(e, "task.json", labels=[]), "The task in the zip cannot be used"),
    "no items": (lambda e: told_anew(e, **{"data__items_jsonl": b""}) or e.update({"data/items.jsonl": b""})
                 or told_anew(e), "no items"),
    "an item of numbers": (lambda e: a_line_more(e, "data/items.jsonl", {"text": 7}), "data/items.jsonl in the zip"),
    "an unknown split": (lambda e: a_line_more(e, "data/items.jsonl", {"text": "a", "split": "x"}), "items.jsonl in"),
    "an answer about nothing": (
        lambda e: a_line_more(e, "data/annotations.jsonl", {"item": 999, "by": 0, "said": "SPORTS", "created_at": 1}),
        "data/annotations.jsonl in the zip",
    ),
    "an answer of a list": (
        lambda e: a_line_more(e, "data/annotations.jsonl", {"item": 1, "by": 0, "said": ["a"], "created_at": 1}),
        "data/annotations.jsonl in the zip",
    ),
    "a confidence of two": (
        lambda e: a_line_more(
            e, "data/annotations.jsonl", {"item": 1, "by": 0, "said": "SPORTS", "created_at": 1, "confidence": 2}
        ),
        "data/annotations.jsonl in the zip",
    ),
    "no teacher": (
        lambda e: told_anew(e, data__annotators_json=b"[]"),
        "data/annotators.json in the zip is not as LabelLoop",
    ),
    "a job under way": (lambda e: json_with(e, "tune.json", status="running"), "under way when it was exported"),
    "a date that is none": (lambda e: json_with(e, "tune.json", created_at="soon"), "tune.json in the zip"),
    "parameters of lists": (
        lambda e: json_with(e, "tune.json", config={"parameters": {"n_epochs": [1]}}),
        "tune.json in the zip",
    ),
    "shares of more than all": (
        lambda e: json_with(e, "data/project.json", split_config={"shares": [1, 1, 1]}),
        "data/project.json in the zip",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_zip_that_is_not_what_it_says_is_refused_by_a_sentence_and_nothing_comes_of_it(
    name, zipped, elsewhere, tmp_path
):
    change, said = DAMAGED[name]
    path = changed(zipped, tmp_path / "changed.zip", change)
    before = everything(elsewhere)[0]
    with pytest.raises(WorkbenchError, match=said.replace("(", r"\(")) as caught:
        elsewhere.portable.bring(path)
    assert caught.value.hint and "\n" not in str(caught.value)
    assert everything(elsewhere)[0] == before
    assert not list(tmp_path.glob("**/evil*"))


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -30])
def test_a_zip_cut_short_is_refused(cut, zipped, elsewhere, tmp_path):
    path = tmp_path / "cut.zip"
    path.write_bytes(zipped.read_bytes()[:cut] if cut else b"")
    with pytest.raises(WorkbenchError, match="no zip, or a damaged one|no exported fine-tune"):
        elsewhere.portable.bring(path)
    assert elsewhere.projects.all() == []


def test_bytes_turned_in_the_middle_are_noticed(zipped, elsewhere, tmp_path):
    data, path = bytearray(zipped.read_bytes()), tmp_path / "turned.zip"
    for place in range(60, len(data) - 400, 997):
        data[place] ^= 0x55
    path.write_bytes(data)
    with pytest.raises(WorkbenchError):
        elsewhere.portable.bring(path)
    assert elsewhere.projects.all() == []


def test_a_zip_of_another_kind_and_no_zip_are_told_apart_from_a_fine_tune(elsewhere, tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("annotations.csv", "a,b\n")
    path = tmp_path / "other.zip"
    path.write_bytes(out.getvalue())
    with pytest.raises(WorkbenchError, match="no exported fine-tune"):
        elsewhere.portable.bring(path)
    path.write_text("hello")
    with pytest.raises(WorkbenchError, match="no zip"):
        elsewhere.portable.bring(path)


def test_more_than_may_be_unpacked_is_refused_before_anything_is(zipped, elsewhere, monkeypatch):
    monkeypatch.setattr(bundle, "MOST_TEXT", 1000)
    with pytest.raises(WorkbenchError, match="unpacks to"):
        elsewhere.portable.bring(zipped)
