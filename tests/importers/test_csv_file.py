"""Reading CSV files as people have them."""

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.importers import DEFAULTS, IMPORTERS, Limits, ReadOptions, check_rows, peek, read_csv, read_table
from core.importers.naming import name_columns
from core.model import TableData


@pytest.fixture
def save(tmp_path: Path):
    def write(content: str | bytes, encoding: str = "utf-8", name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def messages(table: TableData) -> list[str]:
    return [problem.message for problem in table.problems]


ROWS = [["Café “Zoë” – 5 €", "naïve"], ["it’s", "déjà vu"]]
TEXT = "text,label\n" + "".join(",".join(row) + "\n" for row in ROWS)


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("cp1252", "Latin-1 (CP1252)"),
        ("utf-16", "UTF-16"),
    ],
)
def test_accents_and_curly_quotes_survive_in_every_encoding(save, encoding: str, title: str) -> None:
    path = save(TEXT, encoding)
    for table in (read_csv(path), peek(path)):
        assert (table.columns, [list(row) for row in table.rows]) == (("text", "label"), ROWS)
        assert table.problems == () and title in table.about


def test_big_endian_utf_16_is_read_by_its_mark(save) -> None:
    assert read_csv(save(b"\xfe\xff" + TEXT.encode("utf-16-be"))).rows == ROWS


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_found(save, delimiter: str, name: str, end: str) -> None:
    out = io.StringIO(newline="")
    rows = [
        ["id", "text", "label"],
        ["1", f'a{delimiter} "quoted" one', "x"],
        ["2", "two\nlines, even; so | there", "y"],
    ]
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    table = read_csv(save(out.getvalue()))
    assert table.columns == ("id", "text", "label") and table.rows == rows[1:]
    assert name in table.about and table.problems == ()


def test_decimal_commas_do_not_make_a_semicolon_file_a_comma_file(save) -> None:
    table = read_csv(save("score;weight\n1,5;2,5\n3,25;4,75\n"))
    assert table.columns == ("score", "weight") and table.rows == [["1,5", "2,5"], ["3,25", "4,75"]]


def test_the_separator_line_of_excel_is_obeyed_and_not_read_as_header(save) -> None:
    table = read_csv(save("sep=;\r\ntext;label\r\na, b;x\r\n"))
    assert table.columns == ("text", "label") and table.rows == [["a, b", "x"]]


def test_a_tab_file_without_quoting_keeps_quotes_at_the_start_of_its_texts(save) -> None:
    table = read_csv(save('text\tlabel\n"Never", he said\tNEWS\n"Yes" and "no"\tNEWS\n', name="data.tsv"))
    assert [row[0] for row in table.rows] == ['"Never", he said', '"Yes" and "no"']
    assert table.problems == () and "no quotes" in table.about


def test_one_column_is_a_table_too(save) -> None:
    assert read_csv(save("text\nhello\nworld")).rows == [["hello"], ["world"]]


def test_emoji_right_to_left_markup_and_line_separators_come_through_unchanged(save) -> None:
    texts = ["🙂👩‍👩‍👧 ok", "مرحبا بالعالم", "<script>alert(1)</script> **bold**", "a\u2028b\x0bc", "=1+1", '"']
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["text", "n"], *([text, "1"] for text in texts)])
    table = read_csv(save(out.getvalue()))
    assert [row[0] for row in table.rows] == texts and table.problems == ()


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t")),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_the_csv_module_writes_is_read_back(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "data.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["id", "text", "label"], *rows, ["end", "end", "end"]])
    table = read_csv(path)
    assert table.rows == [*rows, ["end", "end", "end"]] and table.problems == ()


def test_ragged_rows_are_named_by_the_number_a_spreadsheet_shows(save) -> None:
    table = read_csv(save('a,b,c,d\n1,2,3,4\n"two\nlines",2,3,4,5\n\n1\n1,2,3,4\n'))
    assert [(problem.row, problem.message) for problem in table.problems] == [
        (3, "Row 3 has 5 cells, the header has 4."),
        (5, "Row 5 has 1 cell, the header has 4."),
    ]
    assert {len(row) for row in table.rows} == {4}
    assert table.rows[2] == [""] * 4, "the blank line keeps its place, so that row numbers hold"


def test_blank_lines_at_the_end_are_not_rows(save) -> None:
    assert len(read_csv(save("a,b\n1,2\n\n\r\n\n")).rows) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "data.csv is empty."),
        ("\ufeff", "data.csv is empty."),
        ("a,b\n", "has a header (a, b) but no rows"),
        ("a,b", "has a header (a, b) but no rows"),
        ("\n\n", "Row 1 is blank."),
        (",,\n1,2,3\n", "Row 1 is blank."),
        ('a,"b\n1,2\n', "Row 1, the header, has a quote that is not closed."),
        (",".join(f"c{n}" for n in range(10_000)) + "\n" + "," * 9_999, "has 10,000 columns; the limit is 1,000"),
    ],
)
def test_a_file_without_a_table_is_refused_with_one_sentence(save, content: str, sentence: str) -> None:
    path = save(content)
    for read in (read_csv, peek):
        with pytest.raises(WorkbenchError) as error:
            read(path)
        assert sentence in error.value.message and error.value.hint


def test_a_missing_file_is_refused_with_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match="nothing.csv cannot be read"):
        read_csv(tmp_path / "nothing.csv")


def test_columns_without_a_name_are_called_by_their_place_and_repeated_names_are_numbered(save) -> None:
    table = read_csv(save("text, text ,,x\n1,2,3,4\n"))
    assert table.columns == ("text", "text (2)", "column 3", "x") and messages(table) == []
    assert table.notes == (
        'A column without a name in the file is called "column 3".',
        'A column whose name repeats is called "text (2)".',
    )


@given(st.lists(st.sampled_from(["", " ", "a", "a ", "a (2)", "column 1", "column 2", "\ufeffa"]), max_size=8))
def test_no_two_columns_have_the_same_name(cells: list[str]) -> None:
    names, _ = name_columns(cells, Limits())
    assert len(set(names)) == len(cells) and all(names)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quotes_written_with_a_backslash_are_found_out(save, delimiter: str) -> None:
    lines = ["text,label", r'"She said \"no\", and left",neg', r'"C:\new\\",pos', r'"\"Best\"",pos', "plain,neg"]
    table = read_csv(save("\n".join(lines).replace(",", delimiter) + "\n"))
    assert messages(table) == []
    comma = delimiter
    assert [row[0] for row in table.rows] == [f'She said "no"{comma} and left', "C:\\new\\", '"Best"', "plain"]
    assert 'quotes written \\"' in table.about


def test_a_backslash_at_the_end_of_a_cell_is_text_where_quotes_are_doubled(save) -> None:
    table = read_csv(save('path,label\n"C:\\",a\n"say ""x"" \\",b\n'))
    assert table.rows == [["C:\\", "a"], ['say "x" \\', "b"]] and messages(table) == []


def test_how_quotes_are_written_can_be_said(save) -> None:
    path = save('text,label\n"a \\\\ b",x\n')
    assert read_csv(path, ReadOptions(has_escapes=True)).rows == [["a \\ b", "x"]]
    assert read_csv(path, ReadOptions(has_escapes=False)).rows == [["a \\\\ b", "x"]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text('ab"\\,\n ', min_size=1), min_size=1, max_size=6))
def test_what_is_written_with_backslashes_is_read_back(save, texts: list[str]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, escapechar="\\", doublequote=False, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("text", "label"), *((text, "x") for text in texts)])
    table = read_csv(save(out.getvalue()), ReadOptions(delimiter=",", has_escapes=True))
    assert [row[0] for row in table.rows] == texts and messages(table) == []


def test_row_names_without_a_heading_are_a_column_without_a_name(save) -> None:
    table = read_csv(save('"text","label"\n"1","a b","x"\n"2","c","y"\n'))
    assert table.columns == ("column 1", "text", "label") and messages(table) == []
    assert table.rows == [["1", "a b", "x"], ["2", "c", "y"]]


@pytest.mark.parametrize(
    "content",
    [
        "text,label\n1,a b,x\n2,c,y\n3,d,x\n",
        "text,label\n2,a b,x\n1,c,y\n",
        "text,label\n4,a b,x\n17,c,y\n",
        "text\tlabel\n1\ta b\tx\n2\tc\ty\n",
        '"text" "label"\n"Mazda RX4" "a b" "x"\n"Fiat 128" "c" "y"\n'.replace('" "', '","'),
        '"text","n"\n"one","a b",3\n"two","c",4\n',
    ],
)
def test_numbers_in_order_or_quoted_words_before_the_columns_are_row_names(save, content: str) -> None:
    table = read_csv(save(content))
    assert table.columns[0] == "column 1" and table.columns[1] == "text" and messages(table) == []
    assert table.rows[0][1] == "a b"


@pytest.mark.parametrize(
    "content",
    [
        'text,label\n"Hello, world",sports\nHello, world,sports\nWell, then,politics\n'.replace('"', ""),
        'text,label\n"Hello", world,sports\nWell, then,politics\n',
        "text,label\n3,000 people came,sports\n4,500 went,politics\n",
        "text,label\n2024,a year,sports\n1999,another,politics\n",
        "text,label\na b,x,note 1\nc d,y,note 2\ne f,x,note 3\n",
        "text;label\nHello; world;sports\nWell; then;politics\n",
        "# made by x\ntext,label\na b,sports\nc d,politics\n",
        "# made by x\nid,text\n1,a b\n2,c d\n",
        "Export of May\ntext,label\na b,sports\nc d,politics\n",
    ],
)
def test_one_separator_too_many_in_every_row_is_a_problem_and_no_row_name(save, content: str) -> None:
    table = read_csv(save(content))
    assert any(said.startswith("Row 2 has") for said in messages(table))
    assert not check_rows(table, table.columns[:1], ()).ok


def test_separators_at_the_ends_of_lines_make_no_columns(save) -> None:
    table = read_csv(save("text,label,,\na,x,,\nb,y,,\n"))
    assert table.columns == ("text", "label") and table.rows == [["a", "x"], ["b", "y"]]
    assert messages(table) == [] and table.notes == ()


def test_missing_cells_are_in_the_way_of_their_own_columns_alone(save) -> None:
    table = read_csv(save("text,label,extra,more\na,x,,\nb,y\n c,z,,,,\n"))
    assert [problem.columns for problem in table.problems] == [("extra", "more")]
    assert check_rows(table, ["text"], "label").ok
    assert not check_rows(table, ["text"], "more").ok


def test_an_unclosed_quote_is_named_by_the_row_where_it_began(save) -> None:
    table = read_csv(save('text,label\nfine,x\n"never closed,y\nmore,z\nand more,z\n'))
    assert [problem.row for problem in table.problems] == [3]
    assert "quote that is not closed" in table.problems[0].message
    assert table.rows[0] == ["fine", "x"]


def test_a_quote_that_is_not_doubled_is_named_and_the_rows_after_it_are_read(save) -> None:
    table = read_csv(save('text,label\n"He said "hi" to me",x\nfine,y\n'))
    assert [problem.row for problem in table.problems] == [2]
    assert table.rows == [["", ""], ["fine", "y"]]


def test_a_quote_left_open_in_a_long_file_does_not_swallow_it_into_memory(save) -> None:
    limits = Limits(line=1_000)
    table = read_csv(
        save('text,label\nfine,x\n"open,y\n' + "line,z\n" * 5_000), ReadOptions(limits=limits, delimiter=",")
    )
    # The csv module's limit on one field may only grow within a process, so the row is what counts here.
    assert [problem.row for problem in table.problems] == [3]


def test_a_very_long_line_is_refused_by_its_row_and_size(save) -> None:
    path = save(b"text,label\n" + b"a,b\n" * 5 + b"x" * (25 * 2**20) + b",y\nlast,z\n")
    with pytest.raises(WorkbenchError) as error:
        read_csv(path)
    assert error.value.message == "Row 7 is 25 MB long; the limit is 10 MB."
    assert len(peek(path, 3).rows) == 3
    with pytest.raises(WorkbenchError, match="Row 1 is 12 MB long"):
        read_csv(save(b"x" * (12 * 2**20) + b"\n1\n"))


def test_a_text_of_one_megabyte_is_read(save) -> None:
    assert len(read_csv(save("text,label\n" + "x" * 1_000_000 + ",y\n")).rows[0][0]) == 1_000_000


def test_a_file_beyond_the_limits_is_refused(save) -> None:
    path = save("text,label\n" + "a,b\n" * 1_021)
    with pytest.raises(WorkbenchError, match=r"data.csv is 4 kB; the limit is 2 kB"):
        read_csv(path, ReadOptions(limits=Limits(file=2_048)))
    with pytest.raises(WorkbenchError, match="more than 5 rows"):
        read_csv(path, ReadOptions(limits=Limits(rows=5)))


def test_a_damaged_byte_in_a_utf_8_file_is_named_and_the_rest_not_garbled(save) -> None:
    content = "text,label\ncafé,naïve\nZoë,déjà\n".encode() + b"bro\xe9ken,x\n"
    table = read_csv(save(content))
    (problem,) = table.problems
    assert (problem.row, problem.column) == (4, "text") and "0xE9" in problem.message
    assert table.rows == [["café", "naïve"], ["Zoë", "déjà"], ["bro\ufffdken", "x"]]


def test_bytes_that_neither_utf_8_nor_cp1252_knows_are_named(save) -> None:
    table = read_csv(save(b"text,label\nfa\xe7ade,x\nod\x81d,y\n"))
    (problem,) = table.problems
    assert (problem.row, problem.column) == (3, "text") and "0x81" in problem.message
    assert table.rows[0][0] == "façade"


def test_a_nul_byte_is_named_by_row_and_column(save) -> None:
    table = read_csv(save(b"text,label\nfine,x\nn\x00l,y\nfine,\x00\n"))
    assert [(problem.row, problem.column) for problem in table.problems] == [(3, "text"), (4, "label")]
    assert "NUL" in table.problems[0].message and table.rows[1] == ["n\ufffdl", "y"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes(range(256)) * 4, "line 1 has the byte 0x00 at position 1"),
        (b"text,label\n" + b"\x00\x01\x02" * 50, "line 2 has the byte 0x00 at position 1"),
        (b"PK\x03\x04rest", "an Excel workbook or zip archive"),
        (b"PAR1....", "a Parquet file"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"<!DOCTYPE html>\n<html><body>Log in</body></html>", "is a web page"),
        (b"\xff\xfe" + "text,label\na,b\n".encode("utf-16-le") + b"\x00", "broken further on"),
    ],
)
def test_what_is_no_text_is_refused_with_its_first_byte_or_its_kind(save, content: bytes, sentence: str) -> None:
    with pytest.raises(WorkbenchError) as error:
        read_csv(save(content))
    assert sentence in error.value.message and error.value.hint


def test_a_character_cut_by_a_chunk_boundary_is_not_taken_for_damage(save) -> None:
    head = "text,label\n" + "x" * ((1 << 20) - 12)
    table = read_csv(save(head + "é,y\né,z\n"))
    assert table.problems == () and table.rows[0][0].endswith("xé") and "UTF-8" in table.about
    assert peek(save("text,label\n" + "x" * ((1 << 18) - 12) + "é,y\n"), 1).problems == ()


def test_at_most_a_hundred_problems_are_listed_and_the_rest_counted(save) -> None:
    table = read_csv(save("a,b\n" + "1,2,3\n" * 250))
    assert len(table.problems) == 101
    assert table.problems[0].row == 2 and table.problems[99].row == 101
    assert table.problems[-1].message == "… and 150 more."


def test_what_the_user_says_about_the_file_wins(save) -> None:
    path = save("a;b,c;d\n1;2,3;4\n")
    assert read_csv(path, ReadOptions(delimiter=",")).columns == ("a;b", "c;d")
    assert read_csv(save("a,b\n\xe9,1\n", "cp1250"), ReadOptions(encoding="cp1250")).rows == [["é", "1"]]
    with pytest.raises(WorkbenchError, match='no encoding called "martian"'):
        read_csv(path, ReadOptions(encoding="martian"))


def test_progress_ends_at_the_size_of_the_file(save) -> None:
    seen: list[tuple[int, int | None]] = []
    path = save("a,b\n" + "1,2\n" * 50_000)
    read_csv(path, ReadOptions(progress=lambda done, total: seen.append((done, total))))
    size = os.path.getsize(path)
    assert len(seen) >= 3 and seen[-1] == (size, size) and seen == sorted(seen)


def test_a_preview_agrees_with_the_whole_table(save) -> None:
    path = save("text;label\n" + "".join(f"row {n}, so;x\n" for n in range(100)))
    assert peek(path).rows == read_csv(path).rows[:8]
    assert peek(path, 3).columns == ("text", "label")


def test_the_suffix_chooses_the_format(save) -> None:
    assert read_table(save('{"a": 1}\n', name="x.JSONL")).about.startswith("JSONL")
    assert read_table(save("a,b\n1,2\n", name="x.dat")).about.startswith("CSV")
    assert IMPORTERS["csv"].read(str(save("a,b\n1,2\n")), DEFAULTS).rows == [["1", "2"]]


def test_real_headlines_are_read_whole() -> None:
    folder = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
    if not (folder / "huffpost8_train.csv").exists():
        pytest.skip("the shared test data are not here")
    table = read_csv(folder / "huffpost8_train.csv")
    assert (table.columns, len(table.rows), table.problems) == (("text", "category"), 1_600, ())
    assert len({row[1] for row in table.rows}) == 8


def test_a_mark_at_the_start_of_a_line_within_a_cell_is_text(save) -> None:
    table = read_csv(save('text,label\n"one\n\ufefftwo",a\n\ufeffthree,b\n'))
    assert table.rows == [["one\n\ufefftwo", "a"], ["three", "b"]]
