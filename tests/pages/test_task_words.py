"""What saving the task would do, in words."""

from core.services.task.tasks import TaskChange
from pages._ui.task.words import spoken_change


def test_changes_are_said_with_their_counts() -> None:
    change = TaskChange((("A", "Z", 1),), ("N",), (("B", 2), ("C", 0)))
    assert spoken_change(change) == [
        "A becomes Z: 1 annotation will read Z.",
        "B is removed: 2 annotations keep it. Merge it instead to give them another label.",
        "C is removed; no annotation uses it.",
        "New: N.",
    ]
