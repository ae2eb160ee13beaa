"""JSON as annotation tools export it: an item with its annotations inside becomes one record an annotation.

One file a tool, and one line in TOOLS; the first that fits at least half of the records reads them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.importers.tools import argilla, chat, doccano, kili, label_studio, pairs, prodigy, spacy_data, traces
from core.importers.tools.gathered import ANNOTATOR, Gathered, Record
from core.importers.tools.shape import Tool
from core.model import AnswerColumn
from core.plural import count

_SAMPLE = 1_000
TOOLS: dict[str, Tool] = {
    "label_studio": label_studio.TOOL,
    "label_studio_min": label_studio.SHORT,
    "doccano": doccano.TOOL,
    "doccano_texts": doccano.TEXTS,
    "prodigy": prodigy.TOOL,
    "argilla": argilla.TOOL,
    "argilla_rows": argilla.ROWS,
    "kili": kili.TOOL,
    "spacy": spacy_data.TOOL,
    "pairs_of_talks": pairs.TALKS,
    "pairs": pairs.TOOL,
    "spans": traces.SPANS,
    "logs": traces.TOOL,
    "talks": chat.TALKS,
    "shown_talks": chat.SHOWN,
    "chat": chat.TOOL,
}


@dataclass(frozen=True)
class Unfolded:
    """The records, one an annotation; what they are in one sentence, what else to know; and which columns answer what.

    `models` are those in the annotator column that are models.
    """

    records: list[Record]
    notes: tuple[str, ...] = ()
    answers: tuple[AnswerColumn, ...] = ()
    models: frozenset[str] = frozenset()


def unfolded(records: Sequence[Record], beside: Path | None = None) -> Unfolded:
    """The records with annotations unfolded; as they are where no tool is recognised in at least half of them. What is
    of another shape stays as it is and is counted. `beside` is the file, next to which a tool's settings may lie."""
    held = [record for record in records if record]
    sample = held[:: len(held) // _SAMPLE + 1]
    for tool in TOOLS.values():
        if 2 * sum(map(tool.fits, sample)) < len(sample) or not sample:
            continue
        if tool.among is None or tool.among(list(filter(tool.fits, sample))):
            return _read_by(tool, held, beside)
    return Unfolded(list(records))


def is_tool_record(record: Record) -> bool:
    """Whether the record alone is an item as one of the tools exports it."""
    return any(tool.fits(record) for tool in TOOLS.values())


def _read_by(tool: Tool, held: Sequence[Record], beside: Path | None) -> Unfolded:
    gathered = Gathered()
    if tool.prepare is not None:
        tool.prepare(gathered, beside)
    strays = 0
    found: list[Record] = []
    for record in held:
        if tool.takes(record):
            found.extend(tool.unfold(record, gathered))
        else:
            strays += 1
            found.append(record)
    found = gathered.settle(found)
    people = dict.fromkeys(str(record[ANNOTATOR]) for record in found if record.get(ANNOTATOR))
    if not people:
        for record in found:
            record.pop(ANNOTATOR, None)
    said = f"{count(len(held), 'item')}, {count(len(found), 'row')}{gathered.words(people)}"
    said += f"; {count(strays, 'record')} of another shape kept as written" if strays else ""
    about = f"Recognised as {tool.title}: {said}.{tool.note}"
    notes = tuple(filter(None, (about, *gathered.notes, gathered.lost)))
    return Unfolded(found, notes, gathered.answers, frozenset(gathered.models & people.keys()))


def renamed(answers: Sequence[AnswerColumn], called: Mapping[str, str]) -> tuple[AnswerColumn, ...]:
    """The same of columns that were given other names; of a column that nobody filled there is nothing to say."""
    return tuple(
        replace(one, name=called[one.name], candidates=tuple(called[name] for name in one.candidates if name in called))
        for one in answers
        if one.name in called
    )
