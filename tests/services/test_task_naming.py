"""Guidelines that name a label by the name it had."""

from core.model import Label, Task
from core.services.task.naming import named_anew, still_named

RENAMED = [("POLITICS", "GOVERNMENT", 3), ("ART", "CULTURE", 0)]


def _task(guidelines: str, *names: str) -> Task:
    return Task(tuple(map(Label, names)), guidelines=guidelines)


def test_a_renamed_label_is_found_in_the_guidelines_as_a_whole_word_alone() -> None:
    said = _task("Laws are POLITICS. An ARTICLE is not art.", "GOVERNMENT", "CULTURE")
    assert still_named(said, RENAMED) == [("POLITICS", "GOVERNMENT")]
    assert still_named(_task("All laws.", "GOVERNMENT"), RENAMED) == []
    assert still_named(_task("Laws are POLITICS.", "GOVERNMENT", "POLITICS"), RENAMED) == []  # another has it by now


def test_new_names_take_the_place_of_the_old_ones_also_where_two_changed_places() -> None:
    assert named_anew("POLITICS, not POLITICSX", [("POLITICS", "A|B")]) == "A|B, not POLITICSX"
    assert named_anew("A before B", [("A", "B"), ("B", "A")]) == "B before A"
    assert named_anew("MEDIA & ART or ART", [("ART", "X"), ("MEDIA & ART", "Y")]) == "Y or X"
