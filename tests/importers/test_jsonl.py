"""Reading JSONL files and JSON arrays."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.importers import Limits, ReadOptions, check_rows, peek, read_jsonl


@pytest.fixture
def save(tmp_path: Path):
    def write(content: str | bytes, name: str = "data.jsonl") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_columns_are_the_union_in_order_of_first_appearance_and_values_become_text(save) -> None:
    table = read_jsonl(
        save('{"b": "x", "a": 1}\n{"a": 2.5, "c": {"d": [1, "é"]}, "b": null}\n{"e": true, "a": "<b>🙂</b>"}\n')
    )
    assert table.columns == ("b", "a", "c", "e")
    assert table.rows == [
        ["x", "1", "", ""],
        ["", "2.5", '{"d": [1, "é"]}', ""],
        ["", "<b>🙂</b>", "", "true"],
    ]
    assert table.problems == ()


def test_an_array_is_read_like_lines(save) -> None:
    records = [{"text": f"t{n}", "n": n} for n in range(3)]
    lines = read_jsonl(save("\n".join(map(json.dumps, records))))
    for array in (json.dumps(records), "\ufeff " + json.dumps(records, indent=2) + "\n"):
        table = read_jsonl(save(array, "data.json"))
        assert (table.columns, table.rows, table.problems) == (lines.columns, lines.rows, ())


def test_an_array_longer_than_what_is_read_at_once_is_read_whole(save) -> None:
    records = [{"text": f"{n} " + "é" * (n % 5_000), "n": n} for n in range(1_000)]
    table = read_jsonl(save(json.dumps(records, ensure_ascii=False), "data.json"))
    assert [row[1] for row in table.rows] == [str(n) for n in range(1_000)] and table.problems == ()
    assert peek(save(json.dumps(records), "data.json"), 5).rows == [list(row) for row in table.rows[:5]]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": }', "is not JSON: Expecting value at character 10"),
        ("text", "is not JSON"),
        ('"text"', "is a text, not an object"),
        ("[1]", "is a list, not an object"),
        ("3", "is a number, not an object"),
        ("null", "is null, not an object"),
        ("[" * 100_000, "too deep"),
        ('{"a": ' + "1" * 5_000 + "}", "a number that is too long"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(save, line: str, said: str) -> None:
    table = read_jsonl(save('{"text": "a"}\n' + line + '\n{"text": "c"}\n'))
    (problem,) = table.problems
    assert problem.row == 2 and problem.message.startswith("Line 2") and said in problem.message
    assert table.rows == [["a"], [""], ["c"]]


def test_an_array_that_breaks_off_is_named_by_its_element(save) -> None:
    table = read_jsonl(save('[{"text": "a"}, {"text": "b"', "data.json"))
    assert [problem.message for problem in table.problems] == ["Element 2 of the array is not complete JSON."]
    assert table.rows == [["a"]]


A, B, C = '{"text": "a"}', '{"text": "b"}', '{"text": "c"}'


@pytest.mark.parametrize(
    "content",
    [f"[{A}]\n[{B}]\n[{C}]\n", f"[{A},{B}][{C}]", f"[{A}]\r\n\ufeff[{B}, {C}]", f"[]\n[{A}]\n[]\n\n[{B},{C}]"],
)
def test_arrays_one_behind_the_other_are_read_whole(save, content: str) -> None:
    table = read_jsonl(save(content, "data.json"))
    assert table.rows == [["a"], ["b"], ["c"]] and table.problems == ()


def test_an_array_far_behind_the_first_is_read_too(save) -> None:
    table = read_jsonl(save(f"[{A}]" + " " * 2_100_000 + f"[{B}]", "data.json"))
    assert table.rows == [["a"], ["b"]] and table.problems == ()


@pytest.mark.parametrize("tail", [f",\n{B}]", f"\n{B}", f",[{B}]", "]", "]]", "}", ", trailing", " and text", "\n3"])
def test_what_stands_behind_an_array_and_is_none_is_named(save, tail: str) -> None:
    table = read_jsonl(save(f"[{A}]{tail}\n", "data.json"))
    (problem,) = table.problems
    assert problem.message.startswith("The array ends after element 1, but the file continues") and problem.row == 2
    assert table.rows == [["a"]] and not check_rows(table, ["text"], ()).ok


REPEATED = [
    '{"text": "b", "label": "x", "label": "y"}',
    '{"label": "x", "text": "b", "label": null}',
    '{"text": "b", "label": true, "label": 1}',
    '{"text": "b", "label": "x", "label": "y", "label": "x"}',
    '{"text": "b", "meta": {"label": "x", "label": "y"}}',
]


@pytest.mark.parametrize("record", REPEATED)
@pytest.mark.parametrize("is_array", [True, False])
def test_a_key_that_has_two_values_is_a_problem_and_none_of_them_is_taken(save, record: str, is_array: bool) -> None:
    records = [A, record, C]
    table = read_jsonl(save(f"[{','.join(records)}]" if is_array else "\n".join(records)))
    (problem,) = table.problems
    where = "Element 2" if is_array else "Line 2"
    assert problem.message == f'{where} has "label" twice with different values.' and problem.row == 2
    assert table.rows == [["a"], [""], ["c"]]


@pytest.mark.parametrize("record", REPEATED)
def test_a_file_of_one_object_is_refused_where_a_key_has_two_values(save, record: str) -> None:
    for content in (record, record.replace(", ", ",\n"), '{"data": [' + record + "]}"):
        with pytest.raises(WorkbenchError, match='has "label" twice'):
            read_jsonl(save(content, "data.json"))


def test_a_key_written_twice_with_one_value_is_read(save) -> None:
    table = read_jsonl(save('{"text": "a", "text": "a", "n": NaN, "n": NaN}\n' + B))
    assert [row[0] for row in table.rows] == ["a", "b"] and table.problems == ()


def test_blank_lines_keep_their_number_and_are_dropped_at_the_end(save) -> None:
    table = read_jsonl(save('{"a": "1"}\n\n{"a": 3\n\n\n'))
    assert table.rows == [["1"]] and [problem.row for problem in table.problems] == [3]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("\n\n", "contains no records"),
        ("[]", "contains no records"),
        ("hello", "Line 1 is not JSON"),
        ("[1, 2]", "Element 1 is a number"),
        (b"\x00" * 100, "not a text file"),
        (json.dumps({f"c{n}": n for n in range(2_000)}), "has 2,000 columns"),
    ],
)
def test_a_file_without_records_is_refused_with_one_sentence(save, content: str | bytes, sentence: str) -> None:
    with pytest.raises(WorkbenchError) as error:
        read_jsonl(save(content))
    assert sentence in error.value.message and error.value.hint


def test_a_very_long_line_is_refused_by_its_number(save) -> None:
    with pytest.raises(WorkbenchError, match="Line 2 is 0.1 kB long"):
        read_jsonl(save('{"a": 1}\n{"a": "' + "x" * 100 + '"}\n'), ReadOptions(limits=Limits(line=50)))


def test_half_characters_and_nuls_hidden_in_escapes_are_named_and_made_harmless(save) -> None:
    table = read_jsonl(
        save('{"text": "fine"}\n{"text": "\\ud83d half"}\n{"text": "n\\u0000l"}\n{"text": "\\ud83d\\ude42"}\n')
    )
    assert [(problem.row, problem.column) for problem in table.problems] == [(2, "text"), (3, "text")]
    assert [row[0] for row in table.rows] == ["fine", "\ufffd half", "n\ufffdl", "🙂"]


def test_latin_1_is_read_here_too(save) -> None:
    assert read_jsonl(save('{"text": "façade"}\n'.encode("cp1252"))).rows == [["façade"]]


values = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@given(
    st.lists(st.fixed_dictionaries({"id": st.integers()}, optional={"text": values, "label": values}), min_size=1),
    st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_record_is_read_back_as_text(tmp_path: Path, records: list[dict[str, object]], as_array: bool) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(records) if as_array else "\n".join(map(json.dumps, records)), encoding="utf-8")
    table = read_jsonl(path)
    assert table.problems == () and len(table.rows) == len(records)
    for row, record in zip(table.rows, records, strict=True):
        for column, cell in zip(table.columns, row, strict=True):
            value = record.get(column)
            expected = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            assert cell == expected


def test_what_is_wrong_with_a_line_is_said_without_doubled_words(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('{"text": "a"}\n{"text": "a\x01b"}\n{"text": "b}', encoding="utf-8")
    said = [problem.message for problem in read_jsonl(path).problems]
    assert said == [
        "Line 2 is not JSON: Invalid control character at character 12.",
        "Line 3 is not JSON: Unterminated string starting at character 10.",
    ]
