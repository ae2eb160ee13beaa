"""What one cell of a label column says."""

import pytest

from core.importers.label_cells import CellKind, LabelCell, is_printed_nothing, read_label, stands_for_nothing

SAID = {
    "sports": "sports",
    '["sports"]': "sports",
    "['sports']": "sports",
    '[["sports"]]': "sports",
    '["sports", "sports"]': "sports",
    '["sports", null]': "sports",
    '{"choices": ["sports"]}': "sports",
    '[{"label": "sports"}]': "sports",
    "[3]": "3",
    "[true]": "true",
    "{'sports'}": "sports",
    "frozenset({'sports'})": "sports",
    "set(['sports'])": "sports",
    "('sports',)": "sports",
    "['sports', nan]": "sports",
    "['sports', <NA>]": "sports",
    "[b'sports']": "sports",
    "array(['sports'], dtype=object)": "sports",
    "array(['sports'], dtype='<U6')": "sports",
    "np.array(['sports'])": "sports",
    "Index(['sports'], dtype='object')": "sports",
    "[np.str_('sports')]": "sports",
    "[np.int64(3)]": "3",
    "[nan 3]": "3",
    "(-1,)": "-1",
    "{3}": "3",
    "(sports)": "(sports)",
    "('sports')": "('sports')",
    "(nan)": "(nan)",
    "(1)": "(1)",
    "[-]": "[-]",
    "[...]": "[...]",
    "[2j]": "[2j]",
    "{{sports}}": "{{sports}}",
    "[open('x')]": "[open('x')]",
    "set(news)": "set(news)",
    "[a fine one]": "[a fine one]",
    "[unclear]": "[unclear]",
    "{x": "{x",
    "None": "None",
    "NA": "NA",
}


@pytest.mark.parametrize(("cell", "label"), SAID.items())
def test_one_value_is_the_label_however_it_is_wrapped(cell: str, label: str) -> None:
    assert (read_label(cell).kind, read_label(cell).label) == (CellKind.LABEL, label)


OTHERS = [
    ("", CellKind.MISSING),
    (" ", CellKind.MISSING),
    ("[]", CellKind.MISSING),
    ("{}", CellKind.MISSING),
    ("[null]", CellKind.MISSING),
    ("[NaN]", CellKind.MISSING),
    ('[""]', CellKind.MISSING),
    ("[nan]", CellKind.MISSING),
    ("[nan nan]", CellKind.MISSING),
    ("(nan,)", CellKind.MISSING),
    ("[np.float64(nan)]", CellKind.MISSING),
    ("[np.nan]", CellKind.MISSING),
    ("[-inf]", CellKind.MISSING),
    ("[NaT]", CellKind.MISSING),
    ("[<NA>]", CellKind.MISSING),
    ("{''}", CellKind.MISSING),
    ("()", CellKind.MISSING),
    ("set()", CellKind.MISSING),
    ("frozenset()", CellKind.MISSING),
    ("array([], dtype=object)", CellKind.MISSING),
    ("{'a', 'b'}", CellKind.SEVERAL),
    ("('a', 'b')", CellKind.SEVERAL),
    ("frozenset({'a', 'b'})", CellKind.SEVERAL),
    ("array(['a', 'b'], dtype=object)", CellKind.SEVERAL),
    ("[0 1]", CellKind.SEVERAL),
    ("[(0, 5, 'PER')]", CellKind.SPANS),
    ('{"choices": []}', CellKind.MISSING),
    ('["a", "b"]', CellKind.SEVERAL),
    ("['a' 'b']", CellKind.SEVERAL),
    ('{"a": true, "b": true}', CellKind.SEVERAL),
    ('[[0, 5, "PER"]]', CellKind.SPANS),
    ('[{"start_offset": 0, "end_offset": 5, "label": "PER"}]', CellKind.SPANS),
    ('{"start": 0, "end": 5, "labels": ["PER"]}', CellKind.SPANS),
    ('{"a": "b", "c": "d"}', CellKind.OBJECT),
]


@pytest.mark.parametrize(("cell", "kind"), OTHERS)
def test_nothing_several_places_and_objects_are_no_label(cell: str, kind: CellKind) -> None:
    assert (read_label(cell).kind, read_label(cell).label) == (kind, "")


@pytest.mark.parametrize("cell", ['{"sports": 1.0, "politics": 0.0}', "{'sports': True, 'politics': False}"])
def test_a_name_marked_among_others_is_likely_the_label_and_not_for_certain(cell: str) -> None:
    assert read_label(cell) == LabelCell(CellKind.MARKED, "sports")


@pytest.mark.parametrize("word", ["none.", "(None)", "[none]", "unlabelled", "Not labelled", "undefined", "-", "<NA>"])
def test_words_for_nothing_are_known_with_what_is_written_around_them(word: str) -> None:
    assert stands_for_nothing(word)


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("nan", True),
        ("NaN", True),
        ("<NA>", True),
        ("#N/A", True),
        ("NaT", True),
        ("None", False),
        ("NA", False),
        ("-", False),
        ("other", False),
    ],
)
def test_what_only_programs_write_for_an_empty_cell_is_told_from_words_that_may_be_a_class(word, is_one) -> None:
    assert is_printed_nothing(word) is is_one


@pytest.mark.parametrize("word", ["", ".", "()", "nonesuch", "other"])
def test_other_words_stand_for_themselves(word: str) -> None:
    assert not stands_for_nothing(word)
