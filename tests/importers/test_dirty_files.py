"""Files as people have them, through the whole import as the page proposes it: no wrong label, no lost row."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import WorkbenchError
from core.services.data.sources import Source, read_source
from core.settings import Settings
from core.workbench import Workbench, open_workbench
from tests.cases.files import bring_into

TEXTS = (
    "the team won the final at home",
    "parliament voted on the new budget",
    "stocks fell after the report",
    "the goalkeeper saved a late penalty",
    "the minister resigned on friday",
    "bonds rallied as rates were cut",
    "rain stopped play before lunch",
    "the treaty was signed in geneva",
)
LABELS = ("sports", "politics", "money", "sports", "politics", "money", "sports", "politics")
PAIRS = tuple(zip(TEXTS, LABELS, strict=True))
RIGHT = {"sports": 3, "politics": 3, "money": 2}


def table(rows: Sequence[str] = (), header: str = "text,label", end: str = "\n") -> str:
    return end.join([header, *(rows or [f"{text},{label}" for text, label in PAIRS])]) + end


def said(*labels: str, sep: str = ",", header: str = "") -> str:
    """A table with these labels in turn."""
    header = header or f"text{sep}label"
    return table([f"{text}{sep}{labels[n % len(labels)]}" for n, text in enumerate(TEXTS)], header)


def lines(*records: Any) -> str:
    return "\n".join(map(json.dumps, records))


def chat(text: str, label: str) -> list[dict[str, Any]]:
    return [
        {"role": "system", "content": "Sort."},
        {"role": "user", "content": text},
        {"role": "assistant", "content": label},
    ]


def argilla(text: str, label: str) -> dict[str, Any]:
    given = [
        {"value": label, "user_id": "ana", "status": "submitted"},
        {"value": "x", "user_id": "ben", "status": "draft"},
    ]
    return {"id": text[:9], "status": "completed", "fields": {"text": text}, "responses": {"topic": given}}


def argilla_of_before(text: str, label: str) -> dict[str, Any]:
    sent = {"user_id": "ana", "status": "submitted", "values": {"topic": {"value": label}}}
    gone = {"user_id": "ben", "status": "discarded", "values": {"topic": {"value": "x"}}}
    return {"fields": {"text": text}, "responses": [sent, gone], "suggestions": []}


NAMES = ["sports", "politics", "money"]
VIEWED = {
    "features": [{"name": "text"}, {"name": "label", "type": {"names": NAMES, "_type": "ClassLabel"}}],
    "rows": [{"row_idx": n, "row": {"text": t, "label": NAMES.index(x)}} for n, (t, x) in enumerate(PAIRS)],
}

FILES: dict[str, tuple[str | bytes, dict[str, int]]] = {
    "bom.csv": ("\ufeff" + table(), RIGHT),
    "utf16.csv": (table().encode("utf-16"), RIGHT),
    "utf16_le_no_mark.csv": (table().encode("utf-16-le"), RIGHT),
    "utf16_be_no_mark.csv": (table().encode("utf-16-be"), RIGHT),
    "latin.csv": (table().replace("team", "té\u00e4m").encode("cp1252"), RIGHT),
    "one_latin_line.csv": (table().encode() + b"caf\xe9 closed,money\n", RIGHT | {"money": 3}),
    "mac_line_ends.csv": (table(end="\r"), RIGHT),
    "doubled_line_ends.csv": (table(end="\r\r\n"), RIGHT),
    "blank_lines.csv": (table().replace("the minister", "\n\nthe minister") + "\n\n", RIGHT),
    "separators_at_line_ends.csv": (table(end=",,,\n"), RIGHT),
    "excel_separator.csv": ("sep=;\n" + table().replace(",", ";"), RIGHT),
    "pipes.txt": (table().replace(",", "|"), RIGHT),
    "open_quotes.tsv": (table([f'"{t}\t{x}' for t, x in PAIRS], "text\tlabel"), RIGHT),
    "lines_in_quotes.csv": ('"text,label"\n' + "".join(f'"{t},{x}"\n' for t, x in PAIRS), RIGHT),
    "lines_quoted_twice.csv": ('"text,""label"""\n' + "".join(f'"{t},""{x}"""\n' for t, x in PAIRS), RIGHT),
    "single_quotes.csv": (table([f"'{t}, yes','{x}'" for t, x in PAIRS], "'text','label'"), RIGHT),
    "two_files_in_one.csv": (
        table() + table([f"once more {t},{x}" for t, x in PAIRS]),
        {k: 2 * n for k, n in RIGHT.items()},
    ),
    "two_marked_files_in_one.csv": (
        "\ufeff" + table() + "\ufeff" + table([f"once more {t},{x}" for t, x in PAIRS]),
        {k: 2 * n for k, n in RIGHT.items()},
    ),
    "a_mark_before_a_quote.csv": (table() + '\ufeff"once more, yes",money\n', RIGHT | {"money": 3}),
    "records_called_text.txt": (lines(*({"text": t, "label": x} for t, x in PAIRS)), RIGHT),
    "an_array_called_table.csv": (json.dumps([{"text": t, "label": x} for t, x in PAIRS], indent=1), RIGHT),
    "two_marked_files_in_one.jsonl": (
        "\n\ufeff".join(lines(*({"text": t + more, "label": x} for t, x in PAIRS)) for more in ("", " again")),
        {k: 2 * n for k, n in RIGHT.items()},
    ),
    "errors_of_a_spreadsheet.csv": (said("#REF!", "good", "#DIV/0!", "bad"), {"good": 2, "bad": 2}),
    "emoji_header.csv": (table(header="📝 text,🏷️ label"), RIGHT),
    "decomposed_header.csv": (table(header="text,cate\u0301gorie"), RIGHT),
    "empty_columns.csv": (table([f",{t},,{x}" for t, x in PAIRS], "a,text,b,label"), RIGHT),
    "same_header_twice.csv": (table([f"{t},{x},z{n}" for n, (t, x) in enumerate(PAIRS)], "text,label,label"), RIGHT),
    "row_numbers.csv": (table([f"{n},{t},{x}" for n, (t, x) in enumerate(PAIRS)], ",text,label"), RIGHT),
    "big_ids.csv": (table([f"{10**19 + n},{t},{x}" for n, (t, x) in enumerate(PAIRS)], "id,text,label"), RIGHT),
    "dates.csv": (table([f"2024-01-0{n + 1},{t},{x}" for n, (t, x) in enumerate(PAIRS)], "date,text,label"), RIGHT),
    "decimal_comma_beside.csv": (
        table([f"{t};{x};0,5{n}" for n, (t, x) in enumerate(PAIRS)], "text;label;score"),
        RIGHT,
    ),
    "long_cells.csv": (table([f'"{n} {"long " * 9000}",{x}' for n, (_, x) in enumerate(PAIRS)]), RIGHT),
    "line_breaks_in_cells.csv": (table([f'"{t}\r\nand more",{x}' for t, x in PAIRS]), RIGHT),
    "spaces_around.csv": (table([f"{t} , {x} " for t, x in PAIRS], "text , label "), RIGHT),
    "nan_words.csv": (said("nan", "sports", "NaN", "politics"), {"sports": 2, "politics": 2}),
    "decimal_comma.csv": (said("1,0", "2,0", "1", "2", sep=";"), {"1,0": 2, "2,0": 2, "1": 2, "2": 2}),
    "floats_and_whole.csv": (said("1.0", "2", "1", "2.0"), {"1": 4, "2": 4}),
    "leading_zeros.csv": (said("01", "1"), {"01": 4, "1": 4}),
    "exponents.csv": (said("1e0", "2", "1.00", "2.0"), {"1": 4, "2": 4}),
    "big_numbers.csv": (
        said("1234567890123456789012", "1234567890123456789012.0", "7"),
        {"1234567890123456789012": 6, "7": 2},
    ),
    "signs.csv": (said("-1", "\u22121", "1", "+1"), {"-1": 4, "1": 4}),
    "wide_digits.csv": (said("１", "1", "2", "２"), {"1": 4, "2": 4}),
    "truths.csv": (said("True", "true", "FALSE", "False"), {"True": 4, "False": 4}),
    "spaces_in_labels.csv": (said("yes", " yes", "no\u00a0", "no"), {"yes": 4, "no": 4}),
    "decomposed.csv": (said("caf\u00e9", "cafe\u0301", "th\u00e9", "the\u0301"), {"café": 4, "thé": 4}),
    "invisible.csv": (said("good", "go\u00adod", "bad", "bad\ufeff"), {"good": 4, "bad": 4}),
    "apostrophes.csv": (said("don't know", "don’t know", "yes", "don't know"), {"don't know": 6, "yes": 2}),
    "words_for_nothing.csv": (said("good", "None", "NULL", "bad"), {"good": 2, "None": 2, "NULL": 2, "bad": 2}),
    "lists.csv": (table([f"{t},\"['{x}']\"" for t, x in PAIRS]), RIGHT),
    "numpy_texts.csv": (table([f"{t},np.str_('{x}')" for t, x in PAIRS]), RIGHT),
    "numpy_numbers.csv": (said("np.int64(1)", "1", "np.int64(2)"), {"1": 6, "2": 2}),
    "bytes.csv": (table([f"{t},b'{x}'" for t, x in PAIRS]), RIGHT),
    "json_texts.csv": (table([f'{t},"""{x}"""' for t, x in PAIRS]), RIGHT),
    "records.jsonl": (lines(*({"text": t, "label": x} for t, x in PAIRS)), RIGHT),
    "commas_at_line_ends.jsonl": (",\n".join(json.dumps({"text": t, "label": x}) for t, x in PAIRS) + ",\n", RIGHT),
    "mac_line_ends.jsonl": (lines(*({"text": t, "label": x} for t, x in PAIRS)).replace("\n", "\r"), RIGHT),
    "header_as_record.jsonl": (
        lines({"text": "text", "label": "label"}, *({"text": t, "label": x} for t, x in PAIRS)),
        RIGHT,
    ),
    "keys_in_two_cases.jsonl": (
        lines(*({"text": t, "label": x} if n % 2 else {"Text": t, "Label": x} for n, (t, x) in enumerate(PAIRS))),
        RIGHT,
    ),
    "mixed_types.jsonl": (
        lines(*({"text": t, "label": x} for t, x in zip(TEXTS, (1, "1", 1.0, None, "2", 2, 2.0, "2"), strict=True))),
        {"1": 3, "2": 4},
    ),
    "nested_lists.jsonl": (lines(*({"text": t, "label": [[x]]} for t, x in PAIRS)), RIGHT),
    "label_and_score.jsonl": (lines(*({"text": t, "label": {"label": x, "score": 0.9}} for t, x in PAIRS)), RIGHT),
    "display_names.jsonl": (lines(*({"textContent": t, "class": {"displayName": x}} for t, x in PAIRS)), RIGHT),
    "big_numbers.jsonl": (
        "\n".join(f'{{"text": "{t}", "label": {10**22 + n % 2}}}' for n, t in enumerate(TEXTS)),
        {str(10**22): 4, str(10**22 + 1): 4},
    ),  # fmt: skip
    "chat.jsonl": (lines(*({"messages": chat(t, x)} for t, x in PAIRS)), RIGHT),
    "chat_with_json_answers.jsonl": (
        lines(*({"messages": chat(t, json.dumps({"label": x}))} for t, x in PAIRS)),
        RIGHT,
    ),
    "chat_in_parts.jsonl": (
        lines(
            *(
                {"contents": [{"role": "user", "parts": [{"text": t}]}, {"role": "model", "parts": [{"text": x}]}]}
                for t, x in PAIRS
            )
        ),
        RIGHT,
    ),
    "conversations.json": (
        json.dumps([{"conversations": [{"from": "human", "value": t}, {"from": "gpt", "value": x}]} for t, x in PAIRS]),
        RIGHT,
    ),
    "prompt_and_completion.jsonl": (lines(*({"prompt": t, "completion": f" {x}"} for t, x in PAIRS)), RIGHT),
    "argilla.jsonl": (lines(*(argilla(t, x) for t, x in PAIRS)), RIGHT),
    "argilla_of_before.json": (json.dumps([argilla_of_before(t, x) for t, x in PAIRS]), RIGHT),
    "viewer_of_the_hub.json": (json.dumps(VIEWED), RIGHT),
    "by_columns.json": (json.dumps({"text": dict(enumerate(TEXTS)), "label": dict(enumerate(LABELS))}), RIGHT),
}

NOT_WESTERN = "is not UTF-8, and does not read as Latin-1."
NAMED = {
    "cp1250": "były żółte",
    "cp1251": "команда",
    "gb18030": "球队",
    "big5": "球隊",
    "cp932": "こんにちは",
    "cp949": "안녕하세요",
}

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "open_quote.csv": (table().replace("stocks", '"stocks'), "Row 4 has a quote that is not closed"),
    "ragged.csv": (table().replace(",money", ",money,x"), "Row 4 has 3 cells, the header has 2."),
    "short.csv": (table().replace(",money", ""), "Row 4 has 1 cell, the header has 2."),
    "cyrillic.csv": (
        "text,label\nкоманда выиграла,спорт\nпарламент решил,политика\n".encode("cp1251"),
        NOT_WESTERN,
    ),
    "chinese.csv": (
        "text,label\n球队赢了,体育\n议会投票,政治\n".encode("gb18030"),
        NOT_WESTERN,
    ),
    "japanese.csv": (
        "text,label\nこんにちは,はい\nさようなら,いいえ\n".encode("cp932"),
        NOT_WESTERN,
    ),
    "korean.jsonl": ('{"text": "안녕하세요", "label": "예"}\n'.encode("cp949"), NOT_WESTERN),
    "polish.csv": (
        "text,label\nbyły żółte,dość\nmiał rację,mało\n".encode("cp1250"),
        NOT_WESTERN,
    ),
    "two_encodings.csv": ("text,label\ncafé,é\n".encode() + "“à”,é\n".encode("cp1252"), "Row 3, column"),
    "nul.csv": (table().replace("stocks", "sto\0cks"), 'Row 4, column "text" contains a NUL'),
    "page.csv": ("<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "page.csv is a web page, not a table."),
    "cut.json": ("[" + lines({"text": "a"}) + ',{"text": "b', "Element 2 of the array is not complete JSON."),
    "single_quotes.jsonl": ("{'text': 'a'}\n", "Line 1 is not JSON"),
}


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path_factory.mktemp("dirty"))}))
    yield opened
    opened.close()


def source(folder: Path, name: str, content: str | bytes) -> Source:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(str(path))


@pytest.mark.parametrize("name", FILES)
def test_every_row_comes_in_with_the_label_it_has(wb: Workbench, tmp_path: Path, name: str) -> None:
    content, expected = FILES[name]
    brought = bring_into(wb, source(tmp_path, name, content), name=name)
    assert [dict(brought.counts(who)) for who in brought.said] == [dict(sorted(expected.items()))]
    assert len(brought.texts) >= sum(expected.values())


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_for_certain_is_refused_with_its_place(wb: Workbench, tmp_path: Path, name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(WorkbenchError) as refused:
        bring_into(wb, source(tmp_path, name, content))
    assert sentence in refused.value.message and refused.value.hint


def test_a_first_row_that_looks_like_no_header_is_pointed_at(tmp_path: Path) -> None:
    rows = "\n".join(f"{text},{label}" for text, label in PAIRS)
    [note] = read_source(source(tmp_path, "headless.csv", rows)).notes
    assert note.startswith('Row 1 is used as the column names, but looks like a row of data: "the team won')
    spam = said("spam", "ham", header="message text,spam")
    assert read_source(source(tmp_path, "spam.csv", spam)).notes == ()


def test_a_conversation_of_several_turns_keeps_what_was_said_before(tmp_path: Path) -> None:
    turns = [*chat("an example", "money")[1:], *chat("the item", "sports")]
    read = read_source(source(tmp_path, "turns.jsonl", lines({"messages": turns}, {"messages": turns})))
    assert dict(zip(read.columns, read.rows[0], strict=True)) == {
        "text": "user: an example\nassistant: money\nuser: the item",
        "label": "sports",
        "system": "Sort.",
    }


@pytest.mark.parametrize(("encoding", "words"), NAMED.items())
def test_a_file_in_the_encoding_somebody_names_is_read_in_it(tmp_path: Path, encoding: str, words: str) -> None:
    file = source(tmp_path, "named.csv", f"text,label\n{words},{words}\n".encode(encoding))
    assert read_source(replace(file, encoding=encoding)).rows == [[words, words]]


WESTERN = ["“Été”, «É» … naïve", "hyvää päivää, jäätelö", "ÆØÅ æøå", "l·l ½ 5 € – 3°", "«MENÜ» GRÖSSE", "¡Sí! ¿Qué?"]


@pytest.mark.parametrize("text", WESTERN)
def test_text_of_western_europe_is_read_as_such(tmp_path: Path, text: str) -> None:
    file = source(tmp_path, "western.csv", f"text;label\n{text} and some more;é\n".encode("cp1252"))
    assert read_source(file).rows == [[f"{text} and some more", "é"]]
