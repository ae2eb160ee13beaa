"""Files of tagged words (CoNLL) as a table: a row a sentence, with its text and a column of spans for each of tags."""

import json
import re
from pathlib import Path

from core.errors import WorkbenchError
from core.importers.answer_kinds import Kind
from core.importers.conll import ConllFile, read_conll, tagged_columns
from core.importers.options import DEFAULTS, Importer, ReadOptions
from core.importers.problems import ProblemList
from core.importers.text_file import check_size, clean_cells, detect_encoding, open_text
from core.model import AnswerColumn, TableData

FIRST_ROW = 1
SUFFIXES = (".conll", ".conll2003", ".iob", ".iob2", ".bio", ".bioes", ".bilou")
_HEAD = 1 << 16
_TAGGED = re.compile(r"\S+(?:[ \t]+\S+)*[ \t]+(?:O|[BIESLU]-\S+)\r?")
_BEGINS = re.compile(r"[ \t][BIESLU]-\S+\r?$", re.MULTILINE)
_MOSTLY = 0.9
_FEWEST = 3


def looks_like_conll(head: bytes) -> bool:
    """Whether nearly every line is words and a tag at its end, with a comma between none, and blank lines between."""
    text = head.decode("utf-8", "replace")
    lines = [line for line in text.split("\n")[: 1_000 if len(head) < _HEAD else -1] if line.strip()]
    tagged = sum(_TAGGED.fullmatch(line) is not None for line in lines)
    return len(lines) >= _FEWEST and tagged >= _MOSTLY * len(lines) and _BEGINS.search(text) is not None


def read_conll_file(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The sentences of a file as rows, numbered from 1. Raises WorkbenchError where it holds no tagged words."""
    path = Path(source)
    size = check_size(path, options.limits)
    encoding = detect_encoding(path, options.encoding)
    with open_text(path, encoding) as file:
        text = file.read()
    columns = tagged_columns(text)
    if not columns:
        raise WorkbenchError(
            f"{path.name} contains no tagged words.", "Each line needs a word and a tag such as B-PER."
        )
    readings = [read_conll(text, tag=column) for column in reversed(columns)]
    names = ["tags", *(f"tags of column {column + 1}" for column in reversed(columns[:-1]))]
    rows = [
        [readings[0].texts[place].text, *(_cell(reading, place) for reading in readings)]
        for place in range(len(readings[0].texts))
    ]
    if options.progress:
        options.progress(size, size)
    problems = ProblemList()
    for problem in readings[0].problems:
        problems.pass_on(problem)
    clean_cells(rows, ("text", *names), FIRST_ROW, problems)
    answers = tuple(
        AnswerColumn(name, Kind.SPANS, reading.labels, text="text")
        for name, reading in zip(names, readings, strict=True)
    )
    about = f"CoNLL, {encoding.title}"
    return TableData(("text", *names), rows, about, problems.all(), (readings[0].about,), True, answers)


def _cell(reading: ConllFile, place: int) -> str:
    spans = reading.texts[place].spans
    return json.dumps([{"start": start, "end": end, "label": label} for start, end, label in spans], ensure_ascii=False)


def _peek(source: str | Path, n: int, options: ReadOptions) -> TableData:
    table = read_conll_file(source, options)
    return TableData(table.columns, table.rows[:n], table.about, table.problems, table.notes, True, table.answers)


IMPORTER = Importer(
    "CoNLL",
    "One word per line with its tags, a blank line between sentences: IOB, BIO, BIOES and their kin.",
    SUFFIXES,
    FIRST_ROW,
    read_conll_file,
    _peek,
)
