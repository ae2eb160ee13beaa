"""Deals of splits: what a new one costs once test was looked at, and the former ones brought back as they were."""

import pytest

from core.errors import WorkbenchError
from core.model import AnnotatorKind, FineTuneStatus, Split, TableData
from core.services.common.lookup import ensure_annotator
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision
from core.splits import Shares
from core.storage import fine_tunes, items, taught
from tests.fakes import saying
from tests.fakes.worlds import make_project

USUAL = Shares(0.6, 0.2, 0.2)


@pytest.fixture
def thousand(workbench):
    project = make_project(workbench, 1000, "Thousand")
    workbench.data.split(project.id, USUAL, seed=0)
    return project


def dealt(project):
    """Every item's split and near-duplicate group, as stored."""
    with project.wb.db.read() as conn:
        rows = conn.exec_driver_sql(
            "SELECT id, split, duplicate_group FROM items WHERE project_id = ? ORDER BY id", (project.id,)
        )
        return [tuple(row) for row in rows]


def look(project):
    """A look at test, by a model that labels all of it."""
    model = project.model("looked at", Split.TEST)
    project.wb.agreement.view(project.id, project.gold, [model], Split.TEST)
    return model


def change_labels(project, number):
    """Of that many items of one label the reference says another."""
    with project.wb.db.write() as conn:
        said = saying.label_ids_of(conn, project.gold)
        one, other = sorted(set(said.values()))
        changed = [(item, other) for item, label in said.items() if label == one][:number]
        saying.append_labels(conn, project.gold, changed)


def test_a_new_deal_after_a_look_says_how_many_of_the_seen_items_would_be_trained_on(thousand):
    look(thousand)
    before = dict((item, split) for item, split, _ in dealt(thousand))
    with pytest.raises(WorkbenchError) as caught:
        thousand.wb.data.split(thousand.id, USUAL, seed=1)
    assert {item: split for item, split, _ in dealt(thousand)} == before
    thousand.wb.data.split(thousand.id, USUAL, seed=1, agreed=True)
    now = {item: split for item, split, _ in dealt(thousand)}
    seen = [item for item, split in before.items() if split == "test"]
    to_train = sum(now[item] == "train" for item in seen)
    assert len(seen) == 200 and 90 < to_train < 150
    assert f"Test has been looked at once. {to_train} of its 200 items would move to train" in caught.value.message


def test_the_cost_is_told_beforehand_and_nothing_is_changed_by_asking(thousand):
    look(thousand)
    before = dealt(thousand)
    cost = thousand.wb.data.split_cost(thousand.id, USUAL, 1)
    assert dealt(thousand) == before
    assert cost.needs_consent and (cost.looks, cost.test) == (1, 200)
    thousand.wb.data.split(thousand.id, USUAL, seed=1, agreed=True)
    moved = [(old, now) for (_, old, _), (_, now, _) in zip(before, dealt(thousand), strict=True)]
    assert cost.to_train == moved.count(("test", "train"))
    assert cost.to_validation == moved.count(("test", "validation"))
    assert cost.into_test == moved.count(("train", "test")) + moved.count(("validation", "test"))


def test_without_a_look_run_or_review_another_deal_is_free(small_project, workbench):
    cost = workbench.data.split_cost(small_project.id, USUAL, 7)
    assert cost.is_free and cost.sentences() == []
    assert workbench.data.split(small_project.id, USUAL, 7).seed == 7


def test_a_look_at_validation_leaves_the_deal_free_to_be_made_anew(small_project, workbench):
    model = small_project.model("one", Split.VALIDATION)
    workbench.agreement.view(small_project.id, small_project.gold, [model], Split.VALIDATION)
    assert not workbench.data.split_cost(small_project.id, USUAL, 7).needs_consent


def test_after_ten_changed_labels_the_former_deal_comes_back_item_by_item_where_its_seed_does_not(thousand):
    data, first = thousand.wb.data, dealt(thousand)
    change_labels(thousand, number=10)
    data.split(thousand.id, USUAL, seed=0)
    again = dealt(thousand)
    assert sum(old != new for old, new in zip(first, again, strict=True)) > 300, "the same seed deals otherwise now"
    facts = data.bring_back(thousand.id, data.split_facts(thousand.id).former[0].id)
    assert dealt(thousand) == first
    assert (facts.seed, facts.shares, facts.counts) == (0, USUAL, {"train": 600, "validation": 200, "test": 200})
    data.bring_back(thousand.id, facts.former[0].id)
    assert dealt(thousand) == again, "what was put aside comes back too"


def test_former_deals_are_listed_with_seed_shares_and_counts_the_last_first(small_project, workbench):
    workbench.data.split(small_project.id, USUAL, seed=4)
    facts = workbench.data.split(small_project.id, Shares(0.2, 0.2, 0.6), seed=5)
    told = [(one.seed, one.shares, one.counts) for one in facts.former]
    assert told == [
        (4, USUAL, {"train": 36, "validation": 12, "test": 12}),
        (1, Shares(0.5, 0.2, 0.3), {"train": 30, "validation": 12, "test": 18}),
    ]
    assert all(one.dealt is not None and one.dealt < one.replaced for one in facts.former)


def test_a_deal_brought_back_is_not_listed_beside_itself(small_project, workbench):
    first = workbench.data.split(small_project.id, USUAL, seed=4).former[0]
    facts = workbench.data.bring_back(small_project.id, first.id)
    assert [one.seed for one in facts.former] == [4]


def test_the_same_labels_on_a_deal_brought_back_are_no_new_look(small_project, workbench):
    model = look(small_project)
    facts = workbench.data.split(small_project.id, USUAL, seed=4, agreed=True)
    workbench.data.bring_back(small_project.id, facts.former[0].id)
    workbench.agreement.view(small_project.id, small_project.gold, [model], Split.TEST)
    assert workbench.agreement.looks(small_project.id) == 1


def test_a_new_deal_is_undone_for_nothing_until_it_is_looked_at_itself(small_project, workbench):
    look(small_project)
    before = dealt(small_project)
    facts = workbench.data.split(small_project.id, USUAL, seed=4, agreed=True)
    workbench.data.bring_back(small_project.id, facts.former[0].id)
    assert dealt(small_project) == before
    workbench.data.bring_back(small_project.id, workbench.data.split_facts(small_project.id).former[0].id)
    new = small_project.model("another", Split.TEST)
    workbench.agreement.view(small_project.id, small_project.gold, [new], Split.TEST)
    with pytest.raises(WorkbenchError, match="Test has been looked at once"):
        workbench.data.bring_back(small_project.id, facts.former[0].id)
    assert workbench.data.cost_back(small_project.id, facts.former[0].id).looks == 1


def test_items_that_prompts_were_tuned_on_or_people_reviewed_are_counted_where_they_would_move(
    small_project, workbench
):
    small_project.model("tuned", Split.VALIDATION)
    item = next(iter(small_project.items(Split.TEST)))
    seed = next(n for n in range(99) if dealt_with(small_project, n)[item] is not Split.TEST)
    told = [Decision(1, item, "SPORTS")]
    workbench.review.store(small_project.id, "log", "me", told)
    cost = workbench.data.split_cost(small_project.id, Shares(0.5, 0.2, 0.3), seed)
    now = dealt_with(small_project, seed)
    tuned = sum(now[one] is Split.TEST for one in small_project.items(Split.VALIDATION))
    assert (cost.tuned, cost.reviewed, cost.needs_consent, cost.is_free) == (tuned, 1, False, False)
    assert f"{tuned} of the {cost.into_test} items that would become test ha" in " ".join(cost.sentences())
    assert "1 item that people have reviewed would change their split." in cost.sentences()


def dealt_with(project, seed):
    """Where another seed would put each item: dealt, and brought back."""
    data = project.wb.data
    facts = data.split(project.id, Shares(0.5, 0.2, 0.3), seed, agreed=True)
    found = {item: Split(split) for item, split, _ in dealt(project)}
    data.bring_back(project.id, facts.former[0].id, agreed=True)
    return found


def test_worked_examples_that_would_be_test_in_a_former_deal_are_said(small_project, workbench):
    first = set(small_project.items(Split.TEST))
    facts = workbench.data.split(small_project.id, USUAL, seed=4)
    shown = next(item for item in small_project.items(Split.TRAIN) if item in first)
    workbench.prompts.save(small_project.id, "{{labels}}", "{{text}}", "shots", [shown])
    with pytest.raises(WorkbenchError, match="1 item that would be test stands as worked example"):
        workbench.data.bring_back(small_project.id, facts.former[0].id)


def test_no_deal_comes_back_while_a_fine_tune_waits_to_read_the_splits(small_project, workbench):
    facts = workbench.data.split(small_project.id, USUAL, seed=4)
    request = TuneRequest(small_project.id, small_project.gold, small_project.version_id)
    workbench.fine_tunes.start(request, host="openai", base_model="fake-large")
    with pytest.raises(WorkbenchError, match="learned from these splits"):
        workbench.data.bring_back(small_project.id, facts.former[0].id, agreed=True)


def tuned(project, status=FineTuneStatus.SUCCEEDED, model="ft:one", texts=None):
    """A fine-tune as it is once it has learned the train items, or these texts."""
    with project.wb.db.write() as conn:
        job = fine_tunes.create(
            conn,
            project.id,
            annotator_id=project.gold,
            prompt_version_id=project.version_id,
            host="openai",
            base_model="base",
            config={},
        )
        fine_tunes.record(conn, job, status=status, fine_tuned_model=model)
        taught.add(conn, job, project.items(Split.TRAIN).values() if texts is None else texts)
    return job


def test_a_new_deal_after_a_fine_tune_says_how_many_items_the_model_can_still_be_measured_on(thousand):
    tuned(thousand)
    before = dealt(thousand)
    cost = thousand.wb.data.split_cost(thousand.id, USUAL, 1)
    with pytest.raises(WorkbenchError, match="A fine-tune has learned from these splits: ft:one was taught"):
        thousand.wb.data.split(thousand.id, USUAL, seed=1)
    assert dealt(thousand) == before
    facts = thousand.wb.data.split(thousand.id, USUAL, seed=1, agreed=True)
    moves = [(old, now) for (_, old, _), (_, now, _) in zip(before, dealt(thousand), strict=True)]
    learned = moves.count(("train", "test"))
    assert learned > 90 and cost.taught == {"ft:one": learned}
    assert f"{learned} of the {cost.into_test} items that would become test" in cost.sentences()[0]
    assert f"which leaves {200 - learned}." in cost.sentences()[0]
    model = thousand.model("ft:one", Split.TEST)
    said = thousand.wb.agreement.view(thousand.id, thousand.gold, [model], Split.TEST)
    assert said.candidates[0].figures["accuracy"].n == 200 - learned
    assert thousand.wb.data.bring_back(thousand.id, facts.former[0].id, agreed=True).learned
    assert dealt(thousand) == before


@pytest.mark.parametrize("status", [FineTuneStatus.FAILED, FineTuneStatus.CANCELLED])
def test_a_fine_tune_that_made_no_model_leaves_the_deal_free(small_project, workbench, status):
    tuned(small_project, status, model=None)
    assert workbench.data.split_cost(small_project.id, USUAL, 7).is_free


def test_what_a_model_in_the_making_and_one_tuned_in_another_project_were_taught_costs_too(small_project, workbench):
    other = make_project(workbench, 30, "Other")
    first = small_project.items(Split.TRAIN)
    tuned(other, model="ft:elsewhere", texts=first.values())
    assert workbench.data.split_cost(small_project.id, USUAL, 7).is_free
    small_project.model("ft:elsewhere", Split.TRAIN)
    tuned(small_project, FineTuneStatus.RUNNING, model=None)
    cost = workbench.data.split_cost(small_project.id, USUAL, 7)
    assert set(cost.taught) == {"base, being fine-tuned,", "ft:elsewhere"} and len(set(cost.taught.values())) == 1


def test_a_deal_of_another_project_does_not_come_back_here(small_project, workbench):
    other = make_project(workbench, 30, "Other")
    former = workbench.data.split(other.id, USUAL, seed=4).former[0]
    with pytest.raises(WorkbenchError, match="no such former splits"):
        workbench.data.bring_back(small_project.id, former.id)


def test_items_that_joined_since_stay_where_they_are_when_a_deal_comes_back(small_project, workbench):
    facts = workbench.data.split(small_project.id, USUAL, seed=4)
    with workbench.db.write() as conn:
        [new] = items.insert_many(conn, [(small_project.id, "new", "", "a text that came later", None)])
        items.set_splits(conn, [("validation", None, new)])
    workbench.data.bring_back(small_project.id, facts.former[0].id)
    assert (new, "validation", None) in dealt(small_project)


def test_a_model_s_annotator_of_another_kind_costs_nothing(small_project, workbench):
    with workbench.db.write() as conn:
        one = ensure_annotator(conn, small_project.id, AnnotatorKind.IMPORTED, "column")
        label = next(iter(saying.label_ids_of(conn, small_project.gold).values()))
        saying.append_labels(conn, one, [(item, label) for item in small_project.items()])
    assert workbench.data.split_cost(small_project.id, USUAL, 7).is_free


def test_a_group_too_large_to_be_true_is_told_and_can_be_taken_apart(workbench):
    shared = " ".join(f"legal{i}" for i in range(100))
    rows = [(f"yes{i} no{i} {shared}" if i < 30 else f"a{i} b{i} c{i} d{i} e{i}", "AB"[i % 2]) for i in range(60)]
    project = workbench.data.import_table(
        TableData(("text", "gold"), rows), ImportChoice("Mails", ("text",), ("gold",))
    )
    together = workbench.data.split(project, seed=1)
    assert (together.too_large, together.near_duplicates, together.apart) == ((30,), 30, False)
    apart = workbench.data.split(project, seed=1, apart=True)
    assert (apart.too_large, apart.near_duplicates, apart.apart) == ((), 0, True)
    assert apart.counts == {"train": 36, "validation": 12, "test": 12}
