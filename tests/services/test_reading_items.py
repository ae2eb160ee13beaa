"""A kind of question whose answers say nothing without the item is given it, whichever way an answer comes."""

from dataclasses import replace

import pytest

from core.hosts.manner import Manner
from core.hosts.wire import Reply
from core.model import AnswerKind, Item, Masking, QuestionKind, Split
from core.prompts.masking import Masker
from core.services.asking.asker import Asker
from core.services.asking.requests import Which
from core.tasks import TASKS, ParsedAnswer
from tests.fakes.waiting import finished
from tests.fakes.worlds import right_label
from tests.services.test_asking import CONFIG
from tests.services.test_batch_files import brought, run_batch, start
from tests.services.test_labelling import labels_of

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def seen(monkeypatch):
    """The texts that answers were read with; an answer says what the item's text says, whatever its words."""
    texts = []

    def by_the_item(task, raw, finish_reason, refusal, item):
        texts.append(item.text)
        return ParsedAnswer(right_label(item.text), AnswerKind.LABEL)

    kind = replace(TASKS[QuestionKind.SINGLE_LABEL], parse_answer=by_the_item, reads_item=True)
    monkeypatch.setitem(TASKS, QuestionKind.SINGLE_LABEL, kind)
    return texts


@pytest.mark.parametrize("repeats", [1, 3])
def test_live_and_from_the_cache(small_project, workbench, seen, repeats):
    texts = small_project.items(Split.VALIDATION)
    run = finished(workbench, small_project.start(Split.VALIDATION, repeats=repeats))
    assert labels_of(small_project, run.annotator_id) == {item: right_label(text) for item, text in texts.items()}
    assert sorted(seen) == sorted([*texts.values()] * repeats)
    seen.clear()
    again = finished(workbench, small_project.start(Split.VALIDATION, which=Which.ALL, repeats=repeats))
    assert (again.from_cache, again.calls) == (12, 0)
    assert sorted(seen) == sorted([*texts.values()] * repeats)


def test_out_of_a_file(small_project, workbench, seen):
    run = start(small_project)
    brought(workbench, run, run_batch(workbench.batches.export(run.id).path))
    texts = small_project.items(Split.VALIDATION)
    assert labels_of(small_project, run.annotator_id) == {item: right_label(text) for item, text in texts.items()}
    assert sorted(seen) == sorted(texts.values())
    again = start(small_project, which=Which.ALL)
    seen.clear()
    assert workbench.batches.export(again.id).lines == 0
    assert sorted(seen) == sorted(texts.values())


def test_it_is_the_item_as_it_is_sent(seen):
    masker = Masker(Masking(kinds=("email",)), b"salt")
    one = Asker(None, "m", {**CONFIG, "examples": []}, Manner(), masker)
    item = Item(4, "team of ann@example.org")
    hidden = masker.item(item).text
    assert hidden != item.text
    one.read(Reply("{}", "stop", None, 1, 1), b"", item)
    one.from_cache("{}", "label", one.request(item).item)
    assert seen == [hidden, hidden]
