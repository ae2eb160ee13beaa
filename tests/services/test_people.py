"""People among themselves: all of them count, not the first two."""

import pytest

from core.model import Label, Split, TableData, Task
from core.services.data.bringing import ImportChoice
from core.splits import Shares

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
