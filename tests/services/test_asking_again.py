"""Asking again about just what has to be asked again: by the calls that reach the host."""

from dataclasses import replace

import pytest

from core.model import Masking, RunStatus, Split, TableData
from core.services.asking.requests import Mode, ModelRef, RunRequest, Which
from core.services.data.bringing import ImportChoice
from core.services.hosts.drafts import HostDraft
from core.splits import Shares
from tests.fakes.host import fails
from tests.fakes.waiting import finished
from tests.fakes.worlds import MODEL, TASK, right_label, table

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick", "quick_batches")]

N = 60


class Noted:
    """Sixty items, every third with a note; asked about on a host of the user's own. `calls()` since the last time."""

    def __init__(self, wb, host):
        self.wb, self.host, self._seen = wb, host, 0
        plain = table(N)
        notes = [f"note {i}" if i % 3 == 0 else "" for i in range(N)]
        rows = [(row[0], row[1], notes[i]) for i, row in enumerate(plain.rows)]
        choice = ImportChoice("Noted", ("text",), (), "id")
        self.id = wb.data.import_table(TableData(("id", "text", "note"), rows, "made for a test"), choice, task=TASK)
        wb.data.split(self.id, Shares(0.5, 0.2, 0.3), seed=1)
        self.draft = HostDraft("Mine", base_url=host.base_url)
        self.key = wb.hosts.add("custom", self.draft).key
        self.version = self.save("{{text}}")

    def save(self, user):
        return self.wb.prompts.save(self.id, "Choose one of:\n{{labels}}", user)

    def host_is_now(self, **settings):
        self.draft = replace(self.draft, **settings)
        self.wb.hosts.edit(self.key, self.draft)

    def request(self, **choices):
        version = choices.pop("version", self.version)
        return RunRequest(self.id, (version.id,), (ModelRef(self.key, MODEL),), split=None, **choices)

    def labelled(self, **choices):
        run = finished(self.wb, self.wb.runs.start(self.request(**choices))[0])
        assert run.status is RunStatus.DONE
        return run

    def calls(self):
        calls, self._seen = len(self.host.asked) - self._seen, len(self.host.asked)
        return calls

    def planned(self, **choices):
        (plan,) = self.wb.runs.plan(self.request(**choices))
        return plan


@pytest.fixture
def noted(workbench, fake_host):
    return Noted(workbench, fake_host)


@pytest.fixture
def labelled(noted):
    noted.labelled()
    assert noted.calls() == N
    return noted


# what changed since


def test_where_nothing_changed_nothing_is_asked_again(labelled):
    assert labelled.planned(which=Which.CHANGED).item_ids == ()


def test_after_an_edit_of_the_prompt_that_shows_in_some_items_only_those_are_calls(labelled):
    edited = labelled.save("{{text}}{{note}}")
    (told,) = labelled.wb.runs.estimate(labelled.request(version=edited)).cells
    run = labelled.labelled(version=edited)
    assert (run.done, run.from_cache, run.calls) == (60, 40, 20) and labelled.calls() == 20
    assert (told.items, told.known, told.calls) == (60, 40, 20)
    assert all("note" in asked.text for asked in labelled.host.asked[N:])


def test_an_item_whose_field_changed_is_asked_about_again_where_the_prompt_shows_it(noted):
    shows = noted.save("{{text}} {{note}}")
    noted.labelled()
    noted.labelled(version=shows)
    noted.calls()
    with noted.wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET fields = json_set(fields, '$.note', 'new') WHERE external_id = 'r007'")
    assert noted.planned(which=Which.CHANGED).changed == 0
    run = noted.labelled(version=shows, which=Which.CHANGED)
    assert (run.total, noted.calls()) == (1, 1) and noted.host.asked[-1].text.endswith("fourth7 new")


def test_an_item_whose_text_changed_is_asked_about_again(labelled):
    with labelled.wb.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET text = 'team of old' WHERE external_id = 'r007'")
    run = labelled.labelled(which=Which.CHANGED)
    assert (run.total, labelled.calls(), labelled.host.asked[-1].text) == (1, 1, "team of old")
    assert labelled.planned(which=Which.CHANGED).item_ids == ()


def test_masking_set_later_asks_again_only_about_items_in_which_it_hides_something(labelled):
    labelled.host_is_now(masking=Masking(names=("first7", "second8")))
    run = labelled.labelled(which=Which.CHANGED)
    assert (run.total, labelled.calls()) == (2, 2)
    assert all("[NAME_" in asked.text for asked in labelled.host.asked[N:])


@pytest.mark.parametrize(
    "settings", [{"extra": '{"top_p": 0.5}'}, {"answer_tokens": 50}, {"reasoning_effort": "low"}], ids=str
)
def test_other_parameters_are_other_requests_about_every_item(labelled, settings):
    labelled.host_is_now(**settings)
    assert labelled.planned(which=Which.CHANGED).changed == N
    run = labelled.labelled(which=Which.CHANGED)
    assert (run.total, run.from_cache, labelled.calls()) == (N, 0, N)


def test_limits_of_pace_are_no_part_of_the_request(labelled):
    labelled.host_is_now(in_flight=3, requests_per_minute=100_000)
    assert labelled.planned(which=Which.CHANGED).item_ids == ()


def test_new_items_are_among_those_asked_about_and_what_changed_back_costs_nothing(labelled):
    task = labelled.wb.tasks.get(labelled.id)
    described = replace(task, labels=(replace(task.labels[0], description="games"), task.labels[1]))
    labelled.wb.tasks.save(labelled.id, described)
    labelled.labelled(which=Which.CHANGED)
    assert labelled.calls() == N
    labelled.wb.tasks.save(labelled.id, task)
    run = labelled.labelled(which=Which.CHANGED)
    assert (run.done, run.from_cache, labelled.calls()) == (N, N, 0)


def test_what_changed_can_go_by_batch(workbench, fake_host, small_project):
    finished(workbench, small_project.start(Split.VALIDATION))
    changed = sorted(small_project.items(Split.VALIDATION))[:3]
    with workbench.db.write() as conn:
        conn.exec_driver_sql(f"UPDATE items SET text = text || ' more' WHERE id IN {tuple(changed)}")
    run = finished(workbench, small_project.start(Split.VALIDATION, which=Which.CHANGED, mode=Mode.BATCH))
    assert (run.status, run.done, run.calls) == (RunStatus.DONE, 3, 3)
    assert all(text.endswith(" more") for text in fake_host.batches.carried_out)


# only errors


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.BATCH])
def test_only_what_failed_is_asked_about_again(workbench, fake_host, small_project, mode):
    bad = sorted(small_project.items(Split.VALIDATION).values())[1:4]
    refusing = [True]
    fake_host.refuse(lambda body: refusing and body["messages"][-1]["content"] in bad, fails(400, "content policy"))
    fake_host.batches.refuse(lambda body: refusing and body["messages"][-1]["content"] in bad, 400, "content policy")
    run = finished(workbench, small_project.start(Split.VALIDATION, mode=mode))
    assert (run.status, run.done, run.errors) == (RunStatus.DONE, 9, 3)
    refusing.clear()
    before = fake_host.batches.carried_out + fake_host.counts
    workbench.runs.resume(run.id, retry_errors=True)
    run = finished(workbench, run)
    assert (run.status, run.done, run.errors, run.calls) == (RunStatus.DONE, 12, 0, 12)
    after = fake_host.batches.carried_out + fake_host.counts
    assert after - before == dict.fromkeys(bad, 1)
    assert {right_label(text) for text in bad} <= set(workbench.runs.details(run.id).answers)


def test_resumed_without_that_what_failed_stays_failed(workbench, fake_host, small_project):
    fake_host.refuse(lambda body: body["messages"][-1]["content"].startswith("law"), fails(400, "content policy"))
    run = finished(workbench, small_project.start(Split.VALIDATION))
    asked = len(fake_host.asked)
    workbench.runs.resume(run.id)
    run = finished(workbench, run)
    assert (run.status, run.errors, len(fake_host.asked)) == (RunStatus.DONE, 6, asked)


def test_of_several_answers_only_those_that_failed_are_asked_for_again(workbench, fake_host, small_project):
    text = min(small_project.items(Split.VALIDATION).values())
    fake_host.for_item(text, *[fails(400, "content policy")] * 2)
    run = finished(workbench, small_project.start(Split.VALIDATION, repeats=3, in_flight=1))
    assert (run.done, run.errors, len(fake_host.asked)) == (11, 1, 36)
    workbench.runs.resume(run.id, retry_errors=True)
    run = finished(workbench, run)
    assert (run.done, run.errors, len(fake_host.asked), run.calls) == (12, 0, 38, 36)
