"""CoNLL: a word a line with its tag in IOB2, a blank line behind each item."""

from collections.abc import Iterable, Iterator, Sequence

from core.exporters.tools.shape import NO_FILES, Files, Spoken, ToolExporter, as_lines, spans_in
from core.exporters.tools.words_of_text import apart, words_of
from core.model import QuestionKind, Span, Task


def records(task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[str]:
    """By the first annotator of each item."""
    for item, words in spoken:
        spans = spans_in(words[0].said) if words else ()
        yield "".join(f"{word}\t{tag}\n" for word, tag in _tagged(item.text, apart(spans)))


def _tagged(text: str, spans: Sequence[Span]) -> Iterator[tuple[str, str]]:
    before: Span | None = None
    for word in words_of(text, spans):
        if text[word.start : word.end].isspace():
            continue
        inside = next((one for one in spans if one.start <= word.start and word.end <= one.end), None)
        yield (
            text[word.start : word.end],
            "O" if inside is None else f"{'I' if inside is before else 'B'}-{inside.label}",
        )
        before = inside


EXPORTER = ToolExporter(
    "CoNLL",
    "One word per line with its tag (IOB2), by the first of the chosen annotators.",
    "Spacing is not kept, of spans that overlap only the first is written, and other annotators are not in it.",
    ".conll",
    "text/plain",
    frozenset({QuestionKind.SPANS}),
    records,
    as_lines,
)
