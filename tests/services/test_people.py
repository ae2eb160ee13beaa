"""People among themselves: all of them count, not the first two."""

import numpy as np
import pytest

from core.metrics.sets.several import masi_alpha_of_many
from core.metrics.spans.marks import Marks
from core.metrics.spans.several import unitised_alpha_of_many
from core.model import Label, QuestionKind, Span, Split, TableData, Task
from core.services.data.bringing import ImportChoice
from core.splits import Shares
from core.storage import items
from tests.services.said import project_with

NAMES = ("ana", "ben", "cem")


@pytest.fixture
def three(workbench):
    """Forty items: ana and ben agree on all, cem on all but ten; cem has not labelled the last four."""
    rows = []
    for i in range(40):
        label = "YES" if i % 2 else "NO"
        other = "NO" if i % 2 else "YES"
        rows.append(
            (f"text number {i} of {i * 7919 % 1009}", label, label, "" if i > 35 else other if i < 10 else label)
        )
    task = Task((Label("YES"), Label("NO")))
    project = workbench.data.import_table(
        TableData(("text", *NAMES), rows), ImportChoice("Three", ("text",), NAMES), task=task
    )
    workbench.data.split(project, Shares(1.0, 0.0, 0.0), seed=1)
    ids = {one.name: one.id for one in workbench.projects.annotators(project)}
    return project, ids


def view(workbench, three):
    project, ids = three
    return workbench.agreement.view(project, ids["ana"], [ids["ben"]], Split.TRAIN)


def test_alpha_is_over_all_people_and_fleiss_over_the_items_all_have_labelled(workbench, three):
    people = view(workbench, three).people
    assert [one.name for one in people.annotators] == list(NAMES)
    assert (people.alpha.n, people.fleiss.n) == (40, 36)
    # Of 36 items with three pairs each, 10 have one pair alike: 1 - 20/108 observed; half of the labels are YES.
    assert people.fleiss.value == pytest.approx(1 - (20 / 108) / 0.5)
    assert people.alpha.low < people.alpha.value < people.alpha.high


def test_each_is_held_against_the_rest(workbench, three):
    ana, ben, cem = view(workbench, three).people.against
    # ana: ben's 40 alike, cem's 26 of 36; cem: 26 of 36 with each
    assert ana.value == ben.value == pytest.approx(66 / 76)
    assert (cem.value, cem.n) == (pytest.approx(26 / 36), 36)
    assert cem.low < cem.value < cem.high


def test_the_sentence_and_the_file_name_all_of_them(workbench, three):
    found = view(workbench, three)
    assert "the 3 people agree with each other with alpha ." in found.sentence()
    told = {(row["candidate"], row["metric"]): row for row in found.people_rows()}
    assert told["all 3 people", "Fleiss' kappa"]["n"] == 36
    assert told["cem", "Agrees with the others"]["value"] == pytest.approx(26 / 36)


def test_two_people_are_said_in_one_sentence_and_have_no_table(small_project, workbench):
    found = workbench.agreement.view(small_project.id, small_project.gold, [small_project.hasty], Split.VALIDATION)
    assert found.people.rows() == []
    assert found.people.sentence().startswith("gold and hasty agree with each other on ")
    assert "agree with each other" not in found.sentence()


def test_three_people_who_give_sets_have_an_alpha_together_and_each_two_their_own(workbench):
    task = Task((Label("joy"), Label("anger"), Label("fear")), type=QuestionKind.SEVERAL_LABELS)
    said = {
        "ana": [("joy",), ("anger", "fear"), (), ("fear",)] * 5,
        "ben": [("joy",), ("anger",), (), ("fear", "joy")] * 5,
        "cem": [("joy",), ("anger", "fear"), ("joy",), None] * 5,
    }
    project, ids = project_with(workbench, task, [f"text {i}" for i in range(20)], said)
    people = workbench.agreement.view(project, ids["ana"], [ids["ben"]], None).people
    sets = [(), ("joy",), ("anger",), ("fear",), ("anger", "fear"), ("fear", "joy")]
    members = np.array([[name in one for name in ("joy", "anger", "fear")] for one in sets])
    given = [[sets.index(one) for one in item if one is not None] for item in zip(*said.values(), strict=True)]
    expected = masi_alpha_of_many(members, given, [1] * 20)
    assert (people.together.value, people.together.n) == (pytest.approx(expected.value), 20)
    assert [(who, what) for who, what, _ in people.rows()] == [
        ("all 3 people", "Krippendorff's alpha (MASI)"),
        *((f"{a} and {b}", "Jaccard (IoU)") for a, b in (("ana", "ben"), ("ana", "cem"), ("ben", "cem"))),
    ]
    assert "the 3 people have Krippendorff's alpha (MASI) ." in people.sentence()


def test_three_people_who_mark_spans_have_an_alpha_together(workbench):
    task = Task((Label("PER"), Label("LOC")), type=QuestionKind.SPANS)
    first, longer, place = (Span(0, 4, "PER"),), (Span(0, 6, "PER"),), (Span(5, 9, "LOC"),)
    said = {
        "ana": [first, place, (), first, longer] * 4,
        "ben": [longer, place, (), (), first] * 4,
        "cem": [first, None, (), place, longer] * 4,
    }
    project, ids = project_with(workbench, task, ["some text to mark"] * 20, said)
    people = workbench.agreement.view(project, ids["ana"], [ids["ben"]], None).people
    names = ("PER", "LOC")
    sides = [Marks.of([[(s, e, names.index(x)) for s, e, x in one or ()] for one in own]) for own in said.values()]
    there = np.array([[one is not None for one in own] for own in said.values()])
    lengths = np.array([len(text) for text in texts_of(workbench, project)])
    expected = unitised_alpha_of_many(sides, there, lengths)
    assert people.rows()[0][:2] == ("all 3 people", "Krippendorff's unitised alpha")
    assert (people.together.value, people.together.n) == (pytest.approx(expected.value), 20)
    assert people.together.low < people.together.value < people.together.high


def test_of_a_crowd_everybody_counts_though_hardly_two_share_more_than_an_item(workbench):
    """Thirty people, two for each of fifteen items: as if two people had marked all of them."""
    task = Task((Label("PER"),), type=QuestionKind.SPANS)
    first, longer = (Span(0, 4, "PER"),), (Span(0, 6, "PER"),)
    marked = [(first, longer if item % 3 else first) for item in range(15)]
    crowd = {
        f"worker {item:02}{side}": [marked[item][side] if row == item else None for row in range(15)]
        for item in range(15)
        for side in (0, 1)
    }
    project, ids = project_with(workbench, task, ["some text to mark"] * 15, crowd)
    [some, other, *_] = ids.values()
    people = workbench.agreement.view(project, some, [other], None).people
    lengths = np.array([len(text) for text in texts_of(workbench, project)])
    sides = [Marks.of([[(s, e, 0) for s, e, _ in both[side]] for both in marked]) for side in (0, 1)]
    expected = unitised_alpha_of_many(sides, np.ones((2, 15), dtype=bool), lengths)
    assert people.rows()[0][0] == "all 30 people"
    assert (people.together.value, people.together.n) == (pytest.approx(expected.value), 15)


def texts_of(wb, project):
    with wb.db.read() as conn:
        return [one.text for one in items.get_many(conn, items.ids_in(conn, project, None)).values()]


def test_of_two_there_is_nothing_that_their_own_figure_does_not_say(workbench):
    task = Task((Label("joy"), Label("anger")), type=QuestionKind.SEVERAL_LABELS)
    said = {"ana": [("joy",), ()] * 5, "ben": [("joy",), ("anger",)] * 5}
    project, ids = project_with(workbench, task, [f"text {i}" for i in range(10)], said)
    people = workbench.agreement.view(project, ids["ana"], [ids["ben"]], None).people
    assert people.together is None and people.rows() == []
