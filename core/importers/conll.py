"""CoNLL: a word a line with its tags in columns, a blank line behind each sentence.

The format knows no white space between words, so the text of a sentence is its words with one blank between, and of a
document its sentences with one line break between; spans are offsets in that text.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.importers.problems import ProblemList
from core.importers.span_tags import OUTSIDE, Tag, dialect, read_tags, spans_of
from core.model import Problem
from core.plural import count

_BLANKS = re.compile(r"[ \t]+")
_PART = re.compile(r"[BIESLUMW]-.+", re.DOTALL)
_COMMENT = re.compile(r"#(?: [\w.:-]+(?: ?=| ::).*| *(?:id|newdoc|newpar|begin|end)\b.*)", re.IGNORECASE)
"""What stands before sentences in CoNLL-U and its kin: `# sent_id = 3`. Other lines with # are words."""
_DOCUMENT = "-DOCSTART-"


@dataclass(frozen=True)
class ConllText:
    """One sentence or document: its text, `(start, end, label)` in code points, half-open, and its words' extents."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    words: tuple[tuple[int, int], ...]
    row: int
    """The line of its first word, from 1."""


@dataclass(frozen=True)
class ConllFile:
    """What a file holds. `about` is one sentence on what it was taken for; labels in the order of first use."""

    texts: tuple[ConllText, ...]
    labels: tuple[str, ...]
    about: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Line:
    row: int
    cells: list[str]


def read_conll(text: str, *, word: int | None = None, tag: int | None = None, by_document: bool = False) -> ConllFile:
    """The sentences of a file, or with `by_document` what stands between -DOCSTART- lines.

    `word` and `tag` are columns from 0, negative from the right; by default the word is the first that is not a number
    in every line, the tag the last that is tagged as CoNLL does. A line with too few columns is a problem with its row;
    its word is kept, outside all spans. A file without spans, or without lines, is fine. Never raises.
    """
    blocks = list(_blocks(text, by_document))
    lines = [line for sentences in blocks for sentence in sentences for line in sentence]
    usual = Counter(len(line.cells) for line in lines).most_common(1)[0][0] if lines else 2
    word = _word_column(lines) if word is None else word
    tag = _tag_column(lines, usual, word) if tag is None else tag
    problems = ProblemList()
    written = [_cell(line, tag, usual, problems) for line in lines]
    tags = iter(read_tags(written))
    texts = []
    said: list[list[Tag | None]] = []
    for sentences in blocks:
        tagged = [[next(tags) for _ in sentence] for sentence in sentences]
        said += tagged
        texts.append(_text(sentences, tagged, word))
    labels = tuple(dict.fromkeys(label for one in texts for _, _, label in one.spans))
    return ConllFile(tuple(texts), labels, _about(texts, labels, dialect(said), by_document), problems.all())


def tagged_columns(text: str) -> list[int]:
    """The columns, from 0, that are tagged as CoNLL does; the last of all where none is; none where there are no two
    columns."""
    lines = [line for block in _blocks(text, by_document=False) for sentence in block for line in sentence]
    usual = Counter(len(line.cells) for line in lines).most_common(1)[0][0] if lines else 1
    word = _word_column(lines)
    return _tagged(lines, usual, word) or ([usual - 1] if usual > word + 1 else [])


def _blocks(text: str, by_document: bool) -> Iterator[list[list[_Line]]]:
    """The sentences of each item."""
    has_tabs = "\t" in text[:100_000]
    block: list[list[_Line]] = [[]]
    for row, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = line.removesuffix("\r")
        cells = line.split("\t") if has_tabs and "\t" in line else _BLANKS.split(line.strip(" \t"))
        is_document = cells[0].strip() == _DOCUMENT
        if is_document or not line.strip(" \t"):
            if block[-1]:
                block.append([])
            if (is_document or not by_document) and block[0]:
                yield block[:-1]
                block = [[]]
        elif not (len(block[-1]) == 0 and _COMMENT.fullmatch(line)):
            block[-1].append(_Line(row, cells))
    if block[0]:
        yield [sentence for sentence in block if sentence]


def _word_column(lines: Sequence[_Line]) -> int:
    """The first column, or the second where the first counts the words."""
    return 1 if lines and all(len(line.cells) > 2 and line.cells[0].isdecimal() for line in lines) else 0


def _tag_column(lines: Sequence[_Line], usual: int, word: int) -> int:
    """The last column that is tagged as CoNLL does; the last of all where none is."""
    return (_tagged(lines, usual, word) or [max(usual - 1, word + 1)])[-1]


def _tagged(lines: Sequence[_Line], usual: int, word: int) -> list[int]:
    whole = [line.cells for line in lines if len(line.cells) == usual]
    found = []
    for column in range(word + 1, usual):
        cells = {cells[column].strip() for cells in whole}
        parts = [cell for cell in cells if _PART.fullmatch(cell)]
        if parts and all(cell in OUTSIDE or _PART.fullmatch(cell) for cell in cells):
            found.append(column)
    return found


def _cell(line: _Line, column: int, usual: int, problems: ProblemList) -> str:
    has_it = -len(line.cells) <= column < len(line.cells)
    if len(line.cells) != usual:
        shown = count(len(line.cells), "column")
        problems.add(
            f"Line {line.row:,} has {shown}, where most lines have {usual}.",
            line.row,
            hint="Give each line a word and its tags, with the same separator throughout.",
        )
        return line.cells[column].strip() if has_it and len(line.cells) > usual else "O"
    return line.cells[column].strip() if has_it else "O"


def _text(sentences: list[list[_Line]], tagged: list[list[Tag | None]], word: int) -> ConllText:
    parts: list[str] = []
    words: list[tuple[int, int]] = []
    spans: list[tuple[int, int, str]] = []
    at = 0
    for sentence, tags in zip(sentences, tagged, strict=True):
        first = len(words)
        for place, line in enumerate(sentence):
            shown = line.cells[word].strip(" ") if word < len(line.cells) else line.cells[0]
            parts += [" " if place else "\n" if parts else "", shown]
            at += len(parts[-2])
            words.append((at, at + len(shown)))
            at += len(shown)
        spans += [(words[first + begin][0], words[first + end - 1][1], label) for begin, end, label in spans_of(tags)]
    return ConllText("".join(parts), tuple(spans), tuple(words), sentences[0][0].row)


def _about(texts: Sequence[ConllText], labels: Sequence[str], named: str, by_document: bool) -> str:
    spans = sum(len(one.spans) for one in texts)
    held = f"{count(len(texts), 'document' if by_document else 'sentence')}, {count(spans, 'span')}"
    return (
        f"Recognised as CoNLL ({named}): {held} with {count(len(labels), 'label')}. "
        "Words are joined with single spaces, since the file has no spacing."
    )
