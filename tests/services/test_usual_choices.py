"""Whom Agreement and Compare show where nobody chose: those about whom there is something to say."""

import pytest

from core.model import Split


@pytest.fixture
def model(small_project):
    return small_project.model


@pytest.fixture
def referenced(small_project):
    small_project.wb.projects.set_reference(small_project.id, small_project.gold)
    return small_project


def test_agreement_shows_those_first_who_labelled_the_split(referenced, model):
    on_train = model("on train", Split.TRAIN)
    early, late = model("early", Split.VALIDATION), model("late", Split.VALIDATION, Split.TEST)
    later = model("later still, on train", Split.TRAIN)
    agreement = referenced.wb.agreement
    assert agreement.defaults(referenced.id, Split.VALIDATION) == (
        referenced.gold,
        [late, early, referenced.hasty, later, on_train],
    )
    assert agreement.defaults(referenced.id, None)[1] == [later, late, early, on_train, referenced.hasty]


def test_compare_takes_the_newest_two_models_that_labelled_a_split_in_common(referenced, model):
    first, second = model("first", Split.TEST), model("second", Split.TEST, Split.TRAIN)
    model("alone", Split.VALIDATION)
    assert referenced.wb.compare.defaults(referenced.id) == (referenced.gold, first, second)


def test_compare_takes_the_newest_two_where_no_models_have_a_split_in_common(referenced, model):
    on_test, on_train = model("on test", Split.TEST), model("on train", Split.TRAIN)
    assert referenced.wb.compare.defaults(referenced.id) == (referenced.gold, on_test, on_train)


def test_compare_takes_people_where_models_are_too_few_and_nobody_twice(referenced, model):
    defaults = referenced.wb.compare.defaults
    assert defaults(referenced.id) == (referenced.gold, referenced.hasty, None)
    only = model("only", Split.VALIDATION)
    assert defaults(referenced.id) == (referenced.gold, referenced.hasty, only)
    referenced.wb.projects.set_reference(referenced.id, only)
    assert defaults(referenced.id) == (only, referenced.gold, referenced.hasty)
