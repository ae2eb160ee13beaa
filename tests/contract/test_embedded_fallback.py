"""A model that is taught to say that nothing fits, by the built-in host, says so."""

import csv

import pytest

from core.model import FineTuneStatus, Split, TableData
from core.services.data.bringing import ImportChoice
from core.services.demo import HEADLINES
from core.services.learning.fine_tuning import TuneRequest, follow_ups
from core.splits import Shares
from core.storage import items, tasks
from tests.fakes import saying
from tests.fakes.waiting import finished, work_off

pytestmark = pytest.mark.encoder

UNCLEAR = ("see attachment {}", "call me back at {} please", "no subject {}", "fwd: re: {}")


@pytest.fixture
def project(workbench):
    """Headlines of two subjects, and messages that are about nothing, every third."""
    with HEADLINES.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["maria"] in ("SPORTS", "POLITICS")]
    told = [(row["text"], row["maria"]) for row in rows[:80]]
    told += [(UNCLEAR[i % 4].format(f"{i * 7919 % 1009} {i}"), "UNABLE_TO_CLASSIFY") for i in range(40)]
    table = TableData(("text", "gold"), told)
    project_id = workbench.data.import_table(table, ImportChoice("Mail", ("text",), ("gold",)))
    workbench.data.split(project_id, Shares(0.6, 0.1, 0.3), seed=1)
    return project_id


def recall_of_the_fallback(workbench, project_id, tuned):
    """Of the test items labelled with the fallback, the share the tuned model says it of."""
    with workbench.db.read() as conn:
        names = tasks.label_names(conn, project_id)
        gold = workbench.projects.get(project_id).reference_id
        test = items.ids_in(conn, project_id, Split.TEST)
        said = saying.label_ids_of(conn, tuned, test)
        unclear = [i for i, one in saying.label_ids_of(conn, gold, test).items() if names[one].startswith("UNABLE")]
        return sum(names[said[i]].startswith("UNABLE") for i in unclear) / len(unclear)


@pytest.mark.parametrize(("with_fallback", "is_said"), [(True, True), (False, False)], ids=["taught", "left out"])
def test_a_tuned_model_says_the_fallback_where_it_was_taught_it(project, workbench, with_fallback, is_said):
    gold = workbench.projects.get(project).reference_id
    version = workbench.prompts.save(project, "Choose one of:\n{{labels}}", "{{text}}", "plain")
    request = TuneRequest(project, gold, version.id, with_fallback=with_fallback)
    job = workbench.fine_tunes.start(request, host="embedded", base_model="minilm-l6")
    work_off(workbench)
    job = workbench.fine_tunes.get(job.id)
    assert job.status is FineTuneStatus.SUCCEEDED, job.message
    run = finished(workbench, workbench.runs.start(follow_ups(job, Split.TEST)[1])[0])
    recall = recall_of_the_fallback(workbench, project, run.annotator_id)
    assert recall > 0.6 if is_said else recall == 0
