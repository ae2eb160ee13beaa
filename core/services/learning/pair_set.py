"""What preference pairs would teach: a request, the better text and the worse, from what people prefer or corrected."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

from core.content import Read
from core.exporters.tools.pairs import preferred
from core.finetune import LeftOut, PreferenceExample
from core.finetune.subset import Subset, dealt
from core.media import MediaStore
from core.model import (
    TEXT_FIELD,
    AnnotatorKind,
    FieldLayout,
    FieldShow,
    Item,
    Label,
    Masking,
    PromptVersion,
    QuestionKind,
    Said,
    Split,
    Task,
)
from core.prompts import CompiledPrompt
from core.prompts.masking import Masker
from core.prompts.talk import MESSAGES
from core.services.asking.compiling import compiled
from core.services.asking.frozen import asked_of
from core.services.asking.shown import shows_in
from core.services.common.asked import not_asked
from core.services.common.lookup import project_of
from core.services.common.values import Sayings
from core.services.learning.selection import EVERYTHING, Selection, keeps, refuse_to_balance
from core.services.learning.taught_version import taught_version
from core.storage import annotators, items, tasks
from core.storage.engine import Connection

_Row = tuple[int, str, str | None, int, int | None]
AS_PROMPT = "The request of each pair is the prompt version about the item; the tuned model is asked with the same."
AS_ITEM = "The request of each pair is the item itself: what is taught is to write such texts, not to judge them."


class _Pair(NamedTuple):
    item: Item
    better: str
    worse: str
    group: int | None


@dataclass(frozen=True)
class Pairs(Sequence[PreferenceExample]):
    """The pairs of a split. Each is made when it is read; `request` gives the messages about an item."""

    split: Split
    request: CompiledPrompt
    rows: list[_Pair]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> PreferenceExample: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[PreferenceExample]: ...
    def __getitem__(self, place: int | slice) -> PreferenceExample | Sequence[PreferenceExample]:
        if isinstance(place, slice):
            return tuple(map(self._example, self.rows[place]))
        return self._example(self.rows[place])

    def __iter__(self) -> Iterator[PreferenceExample]:
        return map(self._example, self.rows)

    @property
    def item_ids(self) -> frozenset[int]:
        return frozenset(row.item.id for row in self.rows)

    def _example(self, row: _Pair) -> PreferenceExample:
        asked = tuple(self.request.render(row.item))
        return PreferenceExample(row.item.id, asked, row.better, row.worse, self.split, row.group)


@dataclass(frozen=True)
class PairSet:
    """`left_out` counts over both splits why what was said makes no pair; the rest as in `TrainingSet`."""

    task: Task
    version: PromptVersion
    train: Pairs
    validation: Pairs
    left_out: Mapping[LeftOut, int]
    as_asked: str
    masked: int = 0
    texts: Sequence[str] = ()
    layout: Sequence[FieldLayout] = ()
    media: MediaStore | None = None
    fallbacks: int = 0
    with_fallback: bool = True
    labels: tuple[Label, ...] = ()
    unchosen: int = 0
    """Pairs that were left out by choice."""

    @property
    def read(self) -> Read | None:
        """Gives the bytes of those files."""
        return self.media.read if self.media else None


def pair_set(
    conn: Connection,
    project_id: int,
    annotator_id: int,
    prompt_version_id: int,
    *,
    with_validation: bool,
    against: int | None = None,
    selection: Selection = EVERYTHING,
    masker: Masker | None = None,
    media: MediaStore | None = None,
    known: frozenset[int] = frozenset(),
    subset: Subset | None = None,
) -> PairSet:
    """The pairs of train (and validation) by what one annotator says: of a preference or ranking each candidate before
    the later ones, of free text what it wrote before what others wrote, all models or the one annotator `against`.
    A validation item that is `known` to the model it starts from is left out; with a `subset` only that part of the
    train pairs is taught.

    Test items cannot get in: they are never read here. With a `masker` the texts are those its host will be sent.
    """
    version = taught_version(conn, prompt_version_id)
    task, layout = asked_of(tasks.task(conn, project_id), version), project_of(conn, project_id).layout
    masker = masker or Masker(Masking(), b"")
    writes = task.type is QuestionKind.TEXT
    request = _as_prompt(version, task, layout, masker) if writes else _as_item(task, layout)
    left_out: Counter[LeftOut] = Counter()
    source = _Source(conn, project_id, annotator_id, task, layout, against, left_out)
    shown = {example.item_id for example in version.examples} if writes else set()
    every = {
        split: [one for one in source.pairs(split) if one.item.id not in shown and _ends_open(one, request, left_out)]
        for split in _splits(with_validation)
    }
    if Split.VALIDATION in every:
        every[Split.VALIDATION] = [one for one in every[Split.VALIDATION] if one.item.id not in known]
    refuse_to_balance(selection, "Labels cannot be balanced in preference pairs: they have none.")
    is_kept = keeps(conn, project_id, annotator_id, selection)
    found = {split: [one for one in pairs if is_kept is None or is_kept(one.item.id)] for split, pairs in every.items()}
    unchosen = sum(len(every[split]) - len(found[split]) for split in found)
    if subset is not None:
        found[Split.TRAIN] = dealt(found[Split.TRAIN], subset, _told_apart, lambda pair: ())
    sent = {split: [_masked(pair, masker) for pair in pairs] for split, pairs in found.items()}
    masked = sum(new is not old for split in found for new, old in zip(sent[split], found[split], strict=True))
    train, validation = (Pairs(split, request, sent.get(split, [])) for split in (Split.TRAIN, Split.VALIDATION))
    texts = [pair.item.text for pair in found[Split.TRAIN]] + [one.text for one in version.examples if writes]
    as_asked = AS_PROMPT if writes else AS_ITEM
    return PairSet(
        task, version, train, validation, left_out, as_asked, masked, texts, layout, media, unchosen=unchosen
    )


def _told_apart(pair: _Pair) -> str:
    """An item may make several pairs."""
    return f"{pair.item.id}\x1f{pair.better}\x1f{pair.worse}"


def _ends_open(pair: _Pair, request: CompiledPrompt, left_out: Counter[LeftOut]) -> bool:
    """Whether the request ends with a message of the user, as it must; counts where it does not."""
    if request.differs_at_its_end_alone or request.render(pair.item)[-1].role == "user":
        return True
    left_out[LeftOut.OPEN] += 1
    return False


def _splits(with_validation: bool) -> tuple[Split, ...]:
    return (Split.TRAIN, Split.VALIDATION) if with_validation else (Split.TRAIN,)


def _as_prompt(version: PromptVersion, task: Task, layout: Sequence[FieldLayout], masker: Masker) -> CompiledPrompt:
    examples = tuple(masker.example(example, writes=True) for example in version.examples)
    return compiled(version.system, version.user, examples, task, shows_in(layout, version.system, version.user))


def _as_item(task: Task, layout: Sequence[FieldLayout]) -> CompiledPrompt:
    """The item's text, a conversation as messages, and its pictures, but for the candidates: what they answer."""
    files = [one.name for one in layout if one.show.is_file and one.show is not FieldShow.FILM]
    beside = [name for name in files if name not in (TEXT_FIELD, *task.options.candidates)]
    talks = any(one.name == TEXT_FIELD and one.show is FieldShow.CONVERSATION for one in layout)
    template = "".join([f"{{{{{MESSAGES if talks else ''}text}}}}", *(f"{{{{{name}}}}}" for name in beside)])
    return compiled("", template, (), task, shows_in(layout, template))


def _masked(pair: _Pair, masker: Masker) -> _Pair:
    """As its host will be sent it; the very same where nothing in it is masked."""
    if not masker:
        return pair
    sent = _Pair(masker.item(pair.item), masker.text(pair.better), masker.text(pair.worse), pair.group)
    return pair if sent == pair else sent


@dataclass(frozen=True)
class _Source:
    """Finds the pairs of a split, and counts what makes none."""

    conn: Connection
    project_id: int
    annotator_id: int
    task: Task
    layout: Sequence[FieldLayout]
    against: int | None
    left_out: Counter[LeftOut]

    def pairs(self, split: Split) -> Iterator[_Pair]:
        said = Sayings(self.conn, self.project_id)
        found = self._corrected if self.task.type is QuestionKind.TEXT else self._compared
        for item, group, better, worse in found(split, said):
            if not better or not worse:
                self.left_out[LeftOut.EMPTY] += 1
            elif better == worse:
                self.left_out[LeftOut.ALIKE] += 1
            else:
                yield _Pair(item, better, worse, group)

    def _corrected(self, split: Split, said: Mapping[int, Said]) -> Iterator[tuple[Item, int | None, str, str]]:
        others: dict[int, dict[str, None]] = {}
        for one in self._others():
            for item_id, _, _, value_id, _ in self._labelled(one, split):
                others.setdefault(item_id, {})[str(said[value_id])] = None
        for row in self._labelled(self.annotator_id, split):
            if row[0] not in others:
                self.left_out[LeftOut.ALONE] += 1
            for worse in others.get(row[0], ()):
                yield _item(row), row[4], str(said[row[3]]), worse

    def _compared(self, split: Split, said: Mapping[int, Said]) -> Iterator[tuple[Item, int | None, str, str]]:
        files = {one.name for one in self.layout if one.show.is_file}
        beside = files - {TEXT_FIELD, *self.task.options.candidates}
        for row in self._labelled(self.annotator_id, split):
            item, one = _item(row), said[row[3]]
            orders = preferred(self.task, one)
            if not orders:
                self.left_out[LeftOut.UNDECIDED if one == self.task.fallback.name else LeftOut.TIE] += 1
            elif not item.text.strip() and not any(item.fields.get(name) for name in beside):
                self.left_out[LeftOut.UNASKED] += 1
                continue
            for better, worse in orders:
                if {better, worse} & files:
                    self.left_out[LeftOut.NO_TEXT] += 1
                else:
                    yield item, row[4], item.fields.get(better, "").strip(), item.fields.get(worse, "").strip()

    def _labelled(self, annotator_id: int, split: Split) -> Iterable[_Row]:
        kept = not_asked(self.conn, [annotator_id])
        found = items.labelled_in(self.conn, self.project_id, annotator_id, split)
        return [row for row in found if row[0] not in kept] if kept else found

    def _others(self) -> list[int]:
        """Whose texts are the worse ones."""
        if self.against is not None:
            return [self.against]
        trials = annotators.trials_among(self.conn, self.project_id)
        everyone = [one for one in annotators.list_all(self.conn, self.project_id) if one.id not in trials]
        return [one.id for one in everyone if one.kind is AnnotatorKind.MODEL and one.id != self.annotator_id]


def _item(row: _Row) -> Item:
    return Item(row[0], row[1], fields=json.loads(row[2]) if row[2] else {})
