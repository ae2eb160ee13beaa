"""Agreement and comparisons of every kind of question, on what is stored."""

from math import log

import pytest

from core.importers.conll import read_conll
from core.model import Label, Options, Outcome, QuestionKind, Span, TableData, Task
from core.services.agreement.preferred import preferred_of
from core.services.data.bringing import ImportChoice
from core.services.review.reviewing import QueueFilter
from tests.metrics.conftest import data_folder, published  # noqa: F401 - fixtures
from tests.services.said import project_with

SYSTEMS = ("arcada", "spinningbytes")


@pytest.fixture(scope="module")
def shared_task(data_folder):  # noqa: F811
    """The texts, and what the reference and both systems marked in them."""
    names = {"gold": "wnut17_test.conll"} | {one: f"wnut17_test_system_{one}.conll" for one in SYSTEMS}
    files = {name: read_conll((data_folder / file).read_bytes().decode()) for name, file in names.items()}
    labels = tuple(dict.fromkeys(label for file in files.values() for label in file.labels))
    said = {name: [tuple(Span(*span) for span in one.spans) for one in file.texts] for name, file in files.items()}
    return labels, [one.text for one in files["gold"].texts], said


def test_the_entity_f1_of_the_shared_task_comes_out_of_what_is_stored(workbench, shared_task, published):  # noqa: F811
    labels, texts, said = shared_task
    task = Task(tuple(Label(name) for name in labels), type=QuestionKind.SPANS)
    project, ids = project_with(workbench, task, texts, said)
    view = workbench.agreement.view(project, ids["gold"], [ids[one] for one in SYSTEMS], None)
    for one, system in zip(view.candidates, SYSTEMS, strict=True):
        expected = published["wnut17_submissions"]["printed"][f"{system} entity F1"]
        assert round(100 * one.figures["strict_f1"].value, 2) == expected
        spans = sum(len(marks) for marks in said["gold"])
        assert sum(score.support for score in one.labels()) == spans
        missed = sum(cell.count for cell in one.pairing.errors if cell.error == "missed")
        assert 0 < missed < spans
    assert "strict f1 .4" in view.sentence().lower() and "say exactly the same on" in view.sentence()
    compared = workbench.compare.view(project, ids["gold"], *(ids[one] for one in SYSTEMS), None)
    assert "UNABLE" not in compared.notes()  # spans have no fallback: nothing marked is an answer
    assert "says exactly the same as the reference most often" in " ".join(view.on_same_rows())
    compared = workbench.compare.view(project, ids["gold"], ids["arcada"], ids["spinningbytes"], None)
    difference = compared.figures.differences["strict_f1"]
    assert 100 * difference.value == pytest.approx(40.78 - 39.98, abs=0.011)
    assert difference.low < 0 < difference.high and compared.figures.headline_p > 0.05
    assert compared.figures.n == len(texts)
    same = sum(a == b for a, b in zip(said["gold"], said["arcada"], strict=True))
    assert round(compared.figures.a.value * len(texts)) == same
    for outcome in Outcome:
        listed = workbench.compare.cases(project, *(ids[one] for one in ("gold", *SYSTEMS)), None, outcome, 10_000)
        assert len(listed) == getattr(compared.figures, outcome)


def test_sets_of_labels_are_held_against_each_other_set_by_set(workbench):
    names = ("anger", "joy", "love")
    task = Task(tuple(Label(name) for name in names), type=QuestionKind.SEVERAL_LABELS)
    own = [("joy",), ("joy", "love"), (), ("anger",)] * 15
    other = [("joy",), ("joy",), ("anger",), ("anger",)] * 15
    third = [("joy",), ("joy", "love"), ("anger",), ("anger",)] * 15
    texts = [f"comment {i}" for i in range(60)]
    project, ids = project_with(workbench, task, texts, {"ann": own, "ben": other, "cem": third})
    view = workbench.agreement.view(project, ids["ann"], [ids["ben"]], None)
    [one] = view.candidates
    assert one.figures["mean_jaccard"].value == pytest.approx((1 + 0.5 + 0 + 1) / 4)
    assert (one.n, one.pairing.agreements) == (60, 30)
    love = next(score for score in one.labels() if score.label == "love")
    assert (love.support, love.predicted, love.recall.value) == (15, 0, 0.0)
    compared = workbench.compare.view(project, ids["ann"], ids["ben"], ids["cem"], None)
    assert (compared.figures.fixed, compared.figures.both_right, compared.figures.still_wrong) == (15, 30, 15)
    assert compared.figures.differences["mean_jaccard"].value == pytest.approx(0.125)
    assert compared.figures.headline_p < 0.01
    assert next(iter(compared.scores())) == "Jaccard (IoU)" and "Exactly the same" in compared.scores()


def test_a_figure_on_few_items_is_told_in_a_sentence_that_reads(workbench):
    table = TableData(("text", "gold", "bot"), [(f"text {n} here", str(1 + n % 5), str(1 + n % 4)) for n in range(12)])
    choice = ImportChoice("stars", ("text",), ("gold", "bot"), kind=QuestionKind.RATING)
    project = workbench.data.import_table(table, choice)
    ids = {one.name: one.id for one in workbench.projects.annotators(project)}
    view = workbench.agreement.view(project, ids["gold"], [ids["bot"]], None)
    assert view.sentence().startswith("On 12 items, bot against gold: quadratic weighted kappa ")
    assert " (rough); they say exactly the same on" in view.sentence()


def test_a_rating_is_scored_on_its_scale_and_what_has_no_level_is_counted_apart(workbench):
    levels = tuple(Label(str(level), score=float(level)) for level in range(1, 6))
    task = Task(levels, type=QuestionKind.RATING)
    own, other = ["1", "2", "3", "4", "5", "3"] * 10, ["1", "3", "3", "5", "5", task.fallback.name] * 10
    project, ids = project_with(workbench, task, [f"text {i}" for i in range(60)], {"ann": own, "ben": other})
    [one] = workbench.agreement.view(project, ids["ann"], [ids["ben"]], None).candidates
    assert one.figures["mean_error"].value == one.figures["bias"].value == pytest.approx(2 / 5)
    assert (one.figures["bias"].n, one.n, one.answered(task.fallback.name)) == (50, 60, 10)
    assert next(iter(one.figures)) == "quadratic_kappa"


def test_a_preference_agrees_with_and_without_ties(workbench):
    outcomes = (("first much", 2.0), ("first", 1.0), ("tie", 0.0), ("second", -1.0))
    task = Task(tuple(Label(name, score=score) for name, score in outcomes), type=QuestionKind.PREFERENCE)
    own = ["first", "first", "tie", "second", "second"] * 10
    other = ["first much", "first", "first", "second", "first"] * 10
    project, ids = project_with(workbench, task, [f"text {i}" for i in range(50)], {"ann": own, "ben": other})
    [one] = workbench.agreement.view(project, ids["ann"], [ids["ben"]], None).candidates
    assert one.figures["accuracy"].value == pytest.approx(2 / 5)
    assert (one.figures["agreement_without_ties"].value, one.figures["agreement_without_ties"].n) == (0.75, 40)


def test_an_error_cell_opens_exactly_its_items(workbench):
    task = Task((Label("PER"), Label("LOC")), type=QuestionKind.SPANS)
    own = [(Span(0, 4, "PER"),), (Span(0, 4, "PER"),), (Span(0, 4, "PER"),), (), (Span(0, 4, "LOC"),)]
    other = [(Span(0, 4, "PER"),), (), (Span(0, 6, "PER"),), (Span(1, 3, "LOC"),), (Span(0, 4, "PER"),)]
    project, ids = project_with(workbench, task, ["some text"] * 5, {"ann": own, "ben": other})
    labels = {name: i for i, name in workbench.review.label_names(project).items()}
    first = min(workbench.review.queue(project, QueueFilter()))

    def places(error, own=None, other=None):
        cell = (error, ids["ann"], ids["ben"], labels.get(own), labels.get(other))
        return sorted(item - first for item in workbench.review.queue(project, QueueFilter(cell=cell)))

    assert [places(error) for error in ("missed", "longer", "spurious", "wrong_label", "shifted")] == [
        [1],
        [2],
        [3],
        [4],
        [],
    ]
    assert places("wrong_label", "LOC", "PER") == [4] and places("wrong_label", "PER", "LOC") == []
    assert places("missed", "LOC") == [] and places("missed", "PER") == [1]


def test_whom_annotators_prefer_comes_from_the_items_of_the_figures(workbench):
    names = ("a", "b", "c")
    task = Task(tuple(map(Label, names)), type=QuestionKind.RANKING, options=Options(candidates=names))
    ann = [(("a",), ("b",), ("c",)), (("b",), ("a",), ("c",)), (("a",), ("c",), ("b",)), (("c", "a"), ("b",))] * 5
    ben = [(("c",), ("b",), ("a",)), (("c",), ("a",), ("b",)), (("b",), ("c",), ("a",)), (("a",), ("c",), ("b",))] * 5
    texts = [f"question {i}" for i in range(20)]
    project, ids = project_with(workbench, task, texts, {"ann": ann, "ben": ben})
    view = workbench.agreement.view(project, ids["ann"], [ids["ben"]], None)
    own, other = preferred_of(view, workbench.tasks.get(project))
    assert (own.annotator.name, other.annotator.name) == ("ann", "ben")
    strengths = [{one.name: one.strength.value for one in each.strengths} for each in (own, other)]
    assert max(strengths[0], key=strengths[0].get) == "a" and max(strengths[1], key=strengths[1].get) == "c"
    assert all(sum(one.values()) == pytest.approx(0) for one in strengths)
    assert [one.strength.n for one in own.strengths] == [40, 40, 40]


def test_of_a_preference_the_two_fields_are_what_is_preferred_and_other_questions_prefer_nothing(workbench):
    outcomes = (Label("First", score=1.0), Label("Tie", score=0.0), Label("Second", score=-1.0))
    task = Task(outcomes, type=QuestionKind.PREFERENCE, options=Options(candidates=("left", "right")))
    said = {"ann": ["First", "First", "Second", "Tie"] * 3, "ben": ["First"] * 11 + ["Second"]}
    project, ids = project_with(workbench, task, [f"pair {i}" for i in range(12)], said)
    view = workbench.agreement.view(project, ids["ann"], [ids["ben"]], None)
    own, other = preferred_of(view, workbench.tasks.get(project))
    # log(odds) of 7.5 to 4.5 and of 11 to 1, half to each side.
    for one, odds in ((own, 7.5 / 4.5), (other, 11.0)):
        assert [one.strengths[0].strength.value, one.strengths[1].strength.value] == pytest.approx(
            [log(odds) / 2, -log(odds) / 2]
        )
    assert preferred_of(view, Task((Label("A"), Label("B")))) == []
