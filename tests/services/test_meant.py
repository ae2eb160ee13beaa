"""What a browser says was meant, by ids of labels: what is stored of it, and what is refused with which sentence."""

import pytest

from core.errors import WorkbenchError
from core.model import Item
from core.services.review.meant import Meaning, value_meant

MEANING = Meaning({1: "PER", 2: "LOC", 4: "ORG"}, {3: 2, 5: None})
ITEM = Item(1, "Ann 🎉 met Ben")  # 13 code points, 14 of UTF-16


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("several_labels", [4, 1, 4], (1, 4)),
        ("several_labels", [3, 2], (2,)),  # 3 was merged into 2
        ("several_labels", [], ()),
        ("spans", [[10, 13, 1], [0, 3, 3]], ((0, 3, 2), (10, 13, 1))),
        ("spans", [[0, 3, 1], [0, 3, 1]], ((0, 3, 1),)),
        ("spans", [], ()),
    ],
)
def test_a_value_is_put_in_its_one_form_with_labels_as_they_are_by_now(kind: str, given: list, value: object) -> None:
    assert value_meant(kind, given, ITEM, MEANING) == value


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        ("several_labels", [5], "does not have a label"),
        ("several_labels", [True], "does not have a label"),
        ("several_labels", ["PER"], "does not have a label"),
        ("several_labels", [[1]], "does not have a label"),
        ("several_labels", {"1": 1}, "another kind"),
        ("spans", [[0, 14, 1]], "beyond the text, which has 13 characters"),
        ("spans", [[3, 1, 1]], "before it starts"),
        ("spans", [[-1, 1, 1]], "negative"),
        ("spans", [[0, 3, 9]], "does not have a label"),
        ("spans", [[0, 3]], "not three whole numbers"),
        ("spans", [4], "not three whole numbers"),
        ("spans", [[0, 5, 1], [3, 8, 2]], "overlaps"),
        ("single_label", [1], "another kind"),
    ],
    ids=str,
)
def test_what_is_no_value_of_the_task_is_refused_in_one_sentence(kind: str, given: object, sentence: str) -> None:
    with pytest.raises(WorkbenchError, match=sentence):
        value_meant(kind, given, ITEM, MEANING)


def test_no_label_at_all_and_marks_over_marks_are_stored_where_the_task_allows_them() -> None:
    with pytest.raises(WorkbenchError, match="one label at least"):
        value_meant("several_labels", [], ITEM, Meaning({1: "PER"}, {}, allow_empty=False))
    crossing = [[0, 5, 1], [3, 8, 2]]
    found = value_meant("spans", crossing, ITEM, Meaning({1: "PER", 2: "LOC"}, {}, may_overlap=True))
    assert found == ((0, 5, 1), (3, 8, 2))
