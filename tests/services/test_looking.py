"""Looks at the test split: a model's answers there, once for each model and state of its labels, wherever they show."""

import pytest

from core.errors import WorkbenchError
from core.metrics.spending import level_at
from core.model import Outcome, Split
from core.services.data.bringing import ItemFilter
from core.services.review.reviewing import Decision, QueueFilter
from core.splits import Shares
from tests.fakes.waiting import work_off
from tests.fakes.worlds import MODEL, SmallProject

TEST, VALIDATION = Split.TEST, Split.VALIDATION


@pytest.fixture
def world(small_project):
    """A project with a reference, a second person, and two models that have labelled test and validation."""
    project = small_project
    project.wb.projects.set_reference(project.id, project.gold)
    told = [Decision(seq, item, "SPORTS") for seq, item in enumerate(project.items(), 1)]
    project.wb.review.store(project.id, "log", "me", told)
    return World(project)


class World:
    def __init__(self, project: SmallProject) -> None:
        self.project, self.wb, self.id = project, project.wb, project.id
        self.gold, self.hasty = project.gold, project.hasty
        self.me = project.wb.review.person(project.id, "me").id
        self.one, self.two = (project.model(name, TEST, VALIDATION) for name in ("one", "two"))
        self.sports, self.politics = sorted(project.wb.review.label_names(project.id))[:2]
        self.test, self.validation = (list(project.items(split)) for split in (TEST, VALIDATION))

    def looks(self) -> int:
        return self.wb.compare.looks(self.id)

    def agree(self, *candidates, split=TEST, reference=None):
        return self.wb.agreement.view(self.id, reference or self.gold, candidates, split)

    def compare(self, a, b, split=TEST):
        return self.wb.compare.view(self.id, self.gold, a, b, split)

    def cases(self, a, b, split=TEST):
        return self.wb.compare.cases(self.id, self.gold, a, b, split, Outcome.FIXED)

    def queue(self, split=TEST, **where):
        return self.wb.review.queue(self.id, QueueFilter(split, **where))

    def count(self, split=TEST, **where):
        return self.wb.review.count(self.id, QueueFilter(split, **where))

    def load(self, items, *shown, **how):
        return self.wb.review.load(self.id, items, shown, self.me, **how)

    def export(self, *chosen, **how):
        how = {"shape": "wide", "file_format": "csv"} | how
        return self.wb.export.file(self.id, annotator_ids=chosen or None, **how).decode()

    def outcome(self, a, b):
        return {"outcome": ("fixed", self.gold, a, b)}

    def cell(self, one, other):
        return {"labelled_by": one, "label_id": self.sports, "also_by": other, "also_label_id": self.politics}

    def as_label(self, who, **more):
        return ItemFilter(annotator_id=who, label_id=self.politics, **more)


# What shows something, and as how many looks it counts. Each is done twice.
SHOWN = {
    "agreement of a model on test": (lambda w: w.agree(w.one), 1),
    "agreement of two models on test": (lambda w: w.agree(w.one, w.two), 2),
    "agreement of a model among people": (lambda w: w.agree(w.hasty, w.one, w.me), 1),
    "agreement of a model on all items": (lambda w: w.agree(w.one, split=None), 1),
    "a model taken as the reference": (lambda w: w.agree(w.me, reference=w.one), 1),
    "a comparison of two models on test": (lambda w: w.compare(w.one, w.two), 2),
    "a comparison of a person with a model": (lambda w: w.compare(w.hasty, w.one), 1),
    "a comparison on all items": (lambda w: w.compare(w.one, w.two, None), 2),
    "the cases of a comparison on test": (lambda w: w.cases(w.one, w.two), 2),
    "a queue of a comparison's outcome": (lambda w: w.queue(**w.outcome(w.one, w.two)), 2),
    "such a queue on all items": (lambda w: w.queue(None, **w.outcome(w.one, w.two)), 2),
    "a queue of a cell": (lambda w: w.queue(**w.cell(w.gold, w.one)), 1),
    "a queue where a model differs": (lambda w: w.queue(shown=(w.gold, w.one), only_disagreements=True), 1),
    "a queue where two models differ": (lambda w: w.queue(shown=(w.one, w.two), only_disagreements=True), 1),
    "a queue of what a model said, beside the reference": (
        lambda w: w.queue(shown=(w.gold,), labelled_by=w.one, label_id=w.politics),
        1,
    ),
    "the number of items where a model differs": (lambda w: w.count(shown=(w.gold, w.one), only_disagreements=True), 1),
    "the number of a comparison's outcome": (lambda w: w.count(**w.outcome(w.one, w.two)), 2),
    "the number of a cell": (lambda w: w.count(**w.cell(w.gold, w.one)), 1),
    "rows of Review with a model's answer": (lambda w: w.load(w.test, w.gold, w.one, models_on_test=True), 1),
    "rows of Review with two models' answers": (lambda w: w.load(w.test, w.one, w.two, models_on_test=True), 2),
    "rows of Review, a single test item among them": (
        lambda w: w.load([*w.validation, w.test[0]], w.one, models_on_test=True),
        1,
    ),
    "labels of test items with the models'": (lambda w: w.wb.data.labels_of(w.id, w.test, models_on_test=True), 2),
    "test items that a model gave a label": (lambda w: w.wb.data.page(w.id, w.as_label(w.one), models_on_test=True), 1),
    "a page of items that a model gave a label": (
        lambda w: w.wb.data.window(w.id, w.as_label(w.one, split=TEST), models_on_test=True),
        1,
    ),
    "a gate": (lambda w: w.wb.compare.gate(w.id, w.gold, w.one, w.two, TEST, 0.02), 2),
    "an export of all": (lambda w: w.export(), 2),
    "an export, one annotation a row": (lambda w: w.export(shape="long", file_format="jsonl", with_history=True), 2),
    "an export of one model and the reference": (lambda w: w.export(w.gold, w.one), 1),
}

NOTHING_SHOWN = {
    "agreement of a model on validation": lambda w: w.agree(w.one, split=VALIDATION),
    "agreement of people on test": lambda w: w.agree(w.hasty, w.me),
    "a comparison of people on test": lambda w: w.compare(w.hasty, w.me),
    "a comparison on validation": lambda w: w.compare(w.one, w.two, VALIDATION),
    "cases on validation": lambda w: w.cases(w.one, w.two, VALIDATION),
    "a comparison without a test item in common": lambda w: w.compare(w.one, w.project.model("on train", Split.TRAIN)),
    "agreement of a model without a test item": lambda w: w.agree(w.project.model("on train", Split.TRAIN)),
    "how many items two models and the reference share": lambda w: w.wb.compare.shared(w.id, w.gold, w.one, w.two),
    "whom Agreement and Compare begin with": lambda w: (
        w.wb.agreement.defaults(w.id, TEST),
        w.wb.compare.defaults(w.id),
    ),
    "every test item in Review": lambda w: w.queue(),
    "test items by a person's label": lambda w: w.queue(labelled_by=w.me, label_id=w.sports),
    "test items where people differ": lambda w: w.queue(shown=(w.gold, w.me), only_disagreements=True),
    "test items that a model has labelled anyhow": lambda w: w.queue(labelled_by=w.one),
    "test items on which a model is unsure": lambda w: w.queue(confidence_of=w.one, max_confidence=0.5),
    "a model's outcome on validation": lambda w: w.queue(VALIDATION, **w.outcome(w.one, w.two)),
    "a model's outcome on all but test": lambda w: w.wb.review.queue(
        w.id, QueueFilter(without_test=True, **w.outcome(w.one, w.two))
    ),
    "how often a model said a label": lambda w: w.count(labelled_by=w.one, label_id=w.sports),
    "where else such items are": lambda w: w.wb.review.elsewhere(
        w.id, QueueFilter(VALIDATION, **w.outcome(w.one, w.two))
    ),
    "as how many looks a queue would count": lambda w: w.wb.review.looks_ahead(
        w.id, QueueFilter(TEST, **w.outcome(w.one, w.two))
    ),
    "rows of Review, blind": lambda w: w.load(w.test, w.gold, w.one),
    "rows of Review with people alone": lambda w: w.load(w.test, w.gold, w.hasty, models_on_test=True),
    "rows of Review of validation": lambda w: w.load(w.validation, w.gold, w.one, models_on_test=True),
    "labels of test items, the models' left out": lambda w: w.wb.data.labels_of(w.id, w.test),
    "labels of validation items": lambda w: w.wb.data.labels_of(w.id, w.validation, models_on_test=True),
    "items that a model gave a label, test left out": lambda w: w.wb.data.page(w.id, w.as_label(w.one)),
    "how often each label was given": lambda w: w.wb.data.label_distribution(w.id, w.one),
    "near-duplicates": lambda w: w.wb.data.near_duplicates(w.id),
    "an export without models on test": lambda w: w.export(models_on_test=False),
    "an export of people": lambda w: w.export(w.gold, w.hasty, w.me),
    "the beginning of an export": lambda w: w.wb.export.preview(w.id, shape="wide", n=60),
    "how many rows an export has": lambda w: w.wb.export.count_rows(w.id, shape="long"),
    "as how many looks an export would count": lambda w: w.wb.export.looks_ahead(w.id),
    "as how many looks labels would count": lambda w: w.wb.data.looks_ahead(w.id, (w.gold, w.one)),
    "the project's card": lambda w: w.wb.projects.card(w.id),
    "what is known of prompts": lambda w: w.wb.prompts.known_results(w.id),
    "where the project stands": lambda w: w.wb.progress.of(w.id),
}


@pytest.mark.parametrize("what", SHOWN)
def test_what_shows_models_answers_on_test_counts_once_for_each(world, what):
    act, worth = SHOWN[what]
    for _ in range(2):
        act(world)
        assert world.looks() == worth


@pytest.mark.parametrize("what", NOTHING_SHOWN)
def test_what_shows_nothing_of_a_model_on_test_counts_nothing(world, what):
    NOTHING_SHOWN[what](world)
    assert world.looks() == 0


def test_the_same_answers_on_other_pages_are_the_same_look(world):
    world.compare(world.one, world.two)
    for what in SHOWN:
        if "taken as the reference" not in what and "two models differ" not in what:
            SHOWN[what][0](world)
    assert world.looks() == 2


def test_swapping_a_and_b_and_going_back_and_forth_shows_nothing_new(world):
    for _ in range(2):
        world.compare(world.one, world.two)
        world.compare(world.two, world.one)
        world.agree(world.one, world.two)
        world.agree(world.two, world.one)
    assert world.looks() == 2


def test_a_label_said_anew_on_test_or_another_deal_makes_another_look_at_whom_it_concerns(world):
    world.agree(world.one)
    world.wb.review.store(world.id, "log", "me", [Decision(100, world.test[0], "POLITICS")])
    world.agree(world.one)
    assert world.looks() == 1, "who is neither the model nor the reference"
    world.project.model("one", VALIDATION)
    world.agree(world.one)
    assert world.looks() == 1, "not on test"
    world.project.model("one", TEST)
    world.agree(world.one, world.two)
    assert world.looks() == 3, "one again, and two"
    world.wb.data.split(world.id, Shares(0.3, 0.3, 0.4), seed=7, agreed=True)
    world.agree(world.one)
    assert world.looks() == 4


def test_agreement_of_several_on_test_is_read_more_strictly_with_each_look_and_compare_goes_on_from_there(world):
    def levels():
        seen = world.agree(world.one, world.two).same_rows.ranking.level
        return seen, world.compare(world.one, world.two).figures.level

    assert levels() == levels() == (level_at(1), level_at(1)), "the same figures again are the same look"
    world.project.model("one", TEST)
    assert levels() == (level_at(2), level_at(2))
    assert world.agree(world.one, world.two, split=VALIDATION).same_rows.ranking.level == level_at(1)


def test_a_later_look_at_the_same_two_is_read_at_its_stricter_level(world):
    assert world.compare(world.one, world.two).figures.level == level_at(1)
    assert world.compare(world.two, world.one).figures.level == level_at(1)
    world.project.model("two", TEST)
    view = world.compare(world.one, world.two)
    assert (view.look, view.figures.level) == (2, level_at(2))
    world.project.model("two", VALIDATION)
    assert world.compare(world.one, world.two).look == 2, "nothing new on test"
    assert world.compare(world.one, world.two, VALIDATION).look == 1


def test_reviewing_as_the_reference_makes_no_new_look_with_each_label(world):
    world.wb.projects.set_reference(world.id, world.me)
    world.load(world.test, world.me, world.one, models_on_test=True)
    world.wb.review.store(world.id, "log", "me", [Decision(100, world.test[0], "POLITICS")])
    world.load(world.test, world.me, world.one, models_on_test=True)
    assert world.looks() == 1


def test_what_is_left_out_on_test_is_left_out_everywhere_on_the_row(world):
    [row, other] = world.load([world.test[0], world.validation[0]], world.gold, world.one)
    assert [who.id for who, _ in row.opinions] == [world.gold]
    assert not any("one:" in str(told) or "two:" in str(told) for told in row.history)
    assert [who.id for who, _ in other.opinions] == [world.gold, world.one]
    [row] = world.load([world.test[0]], world.gold, world.one, models_on_test=True)
    assert any("one:" in str(told) for told in row.history) and "two:" not in "".join(map(str, row.history))


def test_labels_and_exports_leave_out_models_on_test_alone(world):
    labels = world.wb.data.labels_of(world.id, [world.test[0], world.validation[0]])
    assert set(labels[world.test[0]]) == {world.gold, world.hasty, world.me}
    assert set(labels[world.validation[0]]) == {world.gold, world.hasty, world.me, world.one, world.two}
    whole, less = (
        world.export(shape="long", file_format="jsonl", models_on_test=both).splitlines() for both in (True, False)
    )
    left = [line for line in whole if line not in less]
    assert len(left) == 2 * len(world.test) and all('"split":"test"' in line.replace(": ", ":") for line in left)
    rows = world.wb.export.count_rows
    assert rows(world.id, shape="long", models_on_test=False) == len(less)
    assert rows(world.id, shape="long") == len(whole)


def test_looks_are_told_before_they_are_made(world):
    assert world.wb.export.looks_ahead(world.id) == 2
    world.agree(world.one)
    assert world.wb.export.looks_ahead(world.id) == 1
    assert world.wb.data.looks_ahead(world.id, (world.gold, world.one)) == 0
    fixed = QueueFilter(TEST, outcome=("fixed", world.gold, world.one, world.two))
    assert world.wb.review.looks_ahead(world.id, fixed) == 1
    assert world.wb.review.looks_ahead(world.id, QueueFilter(TEST, shown=(world.gold, world.one))) == 0


def test_prompts_are_not_tried_on_test_items_however_these_are_named(world, fake_host):
    version = world.wb.prompts.get(world.project.version_id)
    tried = world.wb.data.page(world.id, ItemFilter(split=TEST), limit=1)
    with pytest.raises(WorkbenchError, match="cannot be tried on the test split"):
        world.wb.prompts.try_on(version, "openai", MODEL, tried)
    assert not {one.split for one in world.wb.prompts.trial_items(world.id, split=None, n=60)} & {TEST}
    assert not {one.split for one in world.wb.prompts.trial_items(world.id, split=None, n=60, search="first1")} & {TEST}


def test_what_pages_say_of_a_run_on_test_is_none(small_project, workbench, fake_host):
    workbench.projects.set_reference(small_project.id, small_project.gold)
    run = small_project.start(TEST)
    work_off(workbench)
    for verb in (workbench.runs.details, workbench.runs.troubles, workbench.runs.side_by_side, workbench.runs.worth):
        verb(run.id)
    assert workbench.runs.side_by_side(run.id).cells[0].accuracy.value is None
    assert workbench.compare.looks(small_project.id) == 0
