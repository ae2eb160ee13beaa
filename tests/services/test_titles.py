"""Annotators of one name and two kinds: told apart wherever they are named."""

import csv
from io import StringIO

import pytest

from core.model import Annotator, AnnotatorKind, Split
from core.services.common.titles import titles
from core.services.review.reviewing import Decision


def somebody(number: int, name: str, kind: AnnotatorKind) -> Annotator:
    return Annotator(number, 1, kind, name, "")


@pytest.fixture
def namesake(small_project, workbench):
    """A person named as the imported column `gold`, who says SPORTS of every test item; their id."""
    told = [Decision(seq, item, "SPORTS") for seq, item in enumerate(small_project.items(Split.TEST), 1)]
    workbench.review.store(small_project.id, "log", "gold", told)
    person = workbench.review.person(small_project.id, "gold")
    assert person is not None
    return person.id


def exported(workbench, project, shape):
    return list(
        csv.DictReader(StringIO(workbench.export.file(project.id, shape=shape, file_format="csv").decode("utf-8-sig")))
    )


def test_only_who_shares_a_name_is_called_by_kind_too():
    person, imported, model = AnnotatorKind.PERSON, AnnotatorKind.IMPORTED, AnnotatorKind.MODEL
    everyone = [somebody(1, "maria", imported), somebody(2, "maria", person), somebody(3, "base", model)]
    assert titles(everyone) == {1: "maria (imported)", 2: "maria (person)", 3: "base"}


def test_a_name_that_reads_like_a_title_is_still_told_apart():
    person, imported = AnnotatorKind.PERSON, AnnotatorKind.IMPORTED
    everyone = [
        somebody(1, "maria", imported),
        somebody(2, "maria", person),
        somebody(3, "maria (person)", imported),
    ]
    assert len(set(titles(everyone).values())) == 3


def test_the_wide_export_has_a_column_for_each_of_two_annotators_of_one_name(small_project, workbench, namesake):
    rows = exported(workbench, small_project, "wide")
    assert {"label:gold (imported)", "label:gold (person)", "label:hasty"} <= rows[0].keys()
    assert {row["label:gold (imported)"] for row in rows if row["split"] == "test"} == {"SPORTS", "POLITICS"}
    assert {row["label:gold (person)"] for row in rows if row["split"] == "test"} == {"SPORTS"}
    assert {row["label:gold (person)"] for row in rows if row["split"] == "train"} == {""}


def test_the_long_export_says_which_of_two_annotators_of_one_name(small_project, workbench, namesake):
    said = [row["annotator"] for row in exported(workbench, small_project, "long")]
    assert (said.count("gold (imported)"), said.count("gold (person)")) == (60, 18)


def test_figures_name_the_two_apart(small_project, workbench, namesake):
    view = workbench.agreement.view(small_project.id, small_project.gold, [namesake], Split.TEST)
    assert {(row["reference"], row["candidate"]) for row in view.rows()} == {("gold (imported)", "gold (person)")}
    assert "gold (person) agrees with gold (imported)" in view.sentence()
    compared = workbench.compare.view(small_project.id, small_project.gold, namesake, small_project.hasty, Split.TEST)
    assert (compared.a.annotator.name, compared.reference.name) == ("gold (person)", "gold (imported)")


def test_review_names_the_two_apart(small_project, workbench, namesake):
    item = next(iter(small_project.items(Split.TEST)))
    [loaded] = workbench.review.load(small_project.id, [item], [small_project.gold, namesake], None)
    assert [annotator.name for annotator, _ in loaded.opinions] == ["gold (imported)", "gold (person)"]
    assert any(" gold (person): SPORTS" in str(entry) for entry in loaded.history)
