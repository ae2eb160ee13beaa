"""What was said, by names, as the widgets of the browser hold it."""

import pytest

from pages._ui.review.held import held

IDS = {"joy": 1, "love": 4, "PER": 2}


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (None, None),
        ("joy", "joy"),
        (("love", "joy"), [1, 4]),
        ((), []),
        (((9, 12, "PER"), (0, 5, "PER")), [[0, 5, 2], [9, 12, 2]]),
    ],
    ids=str,
)
def test_names_become_the_ids_of_their_labels(said: object, value: object) -> None:
    assert held(said, IDS) == value  # type: ignore[arg-type]
