"""How many calls runs would take, how many answers are known already, and what the rest will come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from core.model import Item, PromptVersion, QuestionKind
from core.services.asking.at_once import at_once_of
from core.services.asking.compiling import compiled
from core.services.asking.estimating import NOTHING, Amount, Expected, Pace, is_as_long, measured, rough
from core.services.asking.frozen import shows_of, task_of
from core.services.asking.orders import Order, order_of
from core.services.asking.requests import GridCell, Mode, ModelRef, RunRequest, Which
from core.services.common.asked import ASKED_BY
from core.services.runs.planning import (
    PROBE_ITEMS,
    Hasher,
    PlannedRun,
    annotator_name,
    find_annotator,
    not_as_taught,
    on_their_way,
    plan,
    set_apart,
)
from core.storage import cache, counts, items, run_figures, values
from core.storage.engine import Connection

_SAMPLE = 20
_SEEN = 500
_LOOKED_UP = 5000


@dataclass(frozen=True)
class RunEstimate:
    """What one cell will come to. `calls` are those to be paid for.

    `known` items take no call, since the cache has their answer or another of them is asked the very same; None where
    there are too many to look each up.
    """

    version: PromptVersion
    ref: ModelRef
    annotator_name: str
    items: int
    calls: int
    expected: Expected
    known: int | None = 0
    already: int = 0
    on_the_way: int = 0
    changed: int = 0
    not_asked: int = 0
    unknown: int = 0
    examples_left_out: int = 0
    apart: tuple[str, ...] = ()
    """Why its answers count as another annotator's than those of the same model and prompt so far."""
    not_as_taught: tuple[str, ...] = ()
    """What its model is asked otherwise than it was taught."""
    beside: int = 0
    """Answers that other questions take over from those of the items, or from those of before."""
    at_once: tuple[str, ...] = ()
    """All questions that its answers are about, where those are several."""
    fine_tune_id: int | None = None
    """The fine-tune of this project that its model came out of."""


@dataclass(frozen=True)
class GridEstimate:
    """All cells of a request."""

    cells: tuple[RunEstimate, ...]
    notes: tuple[str, ...] = ()
    """What is to be known of pictures and sound that would be sent."""

    @property
    def items(self) -> int:
        return sum(cell.items for cell in self.cells)

    @property
    def runs(self) -> int:
        """How many would be started: those of cells with anything to label or take over."""
        return sum(bool(cell.items or cell.beside) for cell in self.cells)

    @property
    def calls(self) -> int:
        return sum(cell.calls for cell in self.cells)

    def is_worth_probing(self, request: RunRequest) -> bool:
        """Whether a few calls first say more than they cost."""
        return request.mode is not Mode.FILE and self.calls > PROBE_ITEMS * len(self.cells)

    @property
    def tokens(self) -> Amount:
        return sum((cell.expected.tokens for cell in self.cells), NOTHING)

    @property
    def dollars(self) -> Amount | None:
        """None where the price of any cell that calls is unknown."""
        unknown = any(cell.calls and cell.expected.dollars is None for cell in self.cells)
        return None if unknown else self.known_dollars

    @property
    def known_dollars(self) -> Amount:
        """Of the cells whose price is known."""
        return sum((cell.expected.dollars for cell in self.cells if cell.expected.dollars is not None), NOTHING)

    @property
    def seconds(self) -> Amount | None:
        """Hosts work beside each other; the runs on one share it, so that at best they take as long as the longest of
        them, and at worst, which is expected, one after the other. None where any pace is unknown."""
        by_host: dict[str, Amount] = {}
        for cell in self.cells:
            if not cell.calls:
                continue
            if cell.expected.seconds is None:
                return None
            so_far, more = by_host.get(cell.ref.host, NOTHING), cell.expected.seconds
            by_host[cell.ref.host] = replace(so_far + more, low=max(so_far.low, more.low))
        return max(by_host.values(), key=lambda amount: amount.value, default=NOTHING)

    @property
    def is_measured(self) -> bool:
        """Whether every cell that calls is estimated from calls of its own."""
        return all(cell.expected.measured for cell in self.cells if cell.calls)


def forecast(conn: Connection, request: RunRequest, cell: GridCell, hashes: Hasher) -> RunEstimate:
    """Counts where counting is exact, so that no item is read; otherwise plans."""
    asked_before = request.use_cache and run_figures.was_asked(conn, cell.config["base_url"], cell.ref.model)
    counted = None if cell.beside else _counted(conn, request, cell)
    if counted is not None and (not asked_before or counted.items > _LOOKED_UP):
        return _priced(conn, request, cell, counted, _UNKNOWN if asked_before else _Known(0, 0))
    planned = plan(conn, request, cell, hashes)
    known = _known(conn, planned, hashes) if asked_before else _Known(0, 0)
    left_out = (planned.already, planned.on_the_way, planned.changed, planned.not_asked, planned.unknown)
    chosen = _Counted(planned.annotator_name, len(planned.item_ids), *left_out)
    beside = sum(len(one.item_ids) for one in planned.beside)
    return replace(_priced(conn, request, cell, chosen, known, planned.item_ids), beside=beside)


@dataclass(frozen=True)
class _Counted:
    annotator_name: str
    items: int
    already: int = 0
    on_the_way: int = 0
    changed: int = 0
    not_asked: int = 0
    unknown: int = 0


def _counted(conn: Connection, request: RunRequest, cell: GridCell) -> _Counted | None:
    """What a plan would say, by counting; None where only a plan can tell."""
    if ASKED_BY in cell.config:
        return None
    annotator = find_annotator(conn, request, cell)
    if annotator is not None and (request.which is Which.CHANGED or on_their_way(conn, annotator.id)):
        return None
    new_only = annotator is not None and request.which is Which.NEW
    if new_only and request.upload_id is not None:
        return None
    labelled = counts.labelled_count(conn, annotator.id, request.split) if annotator and new_only else 0
    in_split = items.count(conn, request.project_id, _of(request))
    partly = request.n is not None and request.n < in_split
    shown = items.get_many(conn, [example.item_id for example in cell.version.examples])
    if not in_split or (labelled and partly) or any(request.split in (None, item.split) for item in shown.values()):
        return None
    chosen = min(in_split, max(0, request.n)) if request.n is not None else in_split
    name = annotator.name if annotator else annotator_name(conn, request, cell)
    return _Counted(name, chosen - labelled, labelled)


def _of(request: RunRequest) -> items.ItemFilter:
    return items.ItemFilter(split=request.split, upload_id=request.upload_id)


@dataclass(frozen=True)
class _Known:
    """Of the items, those that take no call at all; and how many answers need not be asked for."""

    items: int | None
    answers: int


_UNKNOWN = _Known(None, 0)


def _known(conn: Connection, planned: PlannedRun, hashes: Hasher) -> _Known:
    """What the cache has of the items' answers, and what one answer gives for several; not known for too many items."""
    if len(planned.item_ids) > _LOOKED_UP:
        return _UNKNOWN
    repeats = int(planned.cell.config["repeats"])
    asked = list(items.get_many(conn, planned.item_ids).values())
    orders = 2 if order_of(planned.cell.config) is Order.BOTH else 1
    by_order = [hashes(planned.cell, asked, ordinal) for ordinal in range(orders)]
    keys = [key for of_order in by_order for key in of_order]
    if repeats == 1:
        calls = len(set(keys) - cache.known(conn, keys))
        return _Known(len(keys) - calls, len(keys) - calls)
    known = cache.known_repeats(conn, keys)
    if repeats == orders == 2:  # asked once in each order, the one answer that is there will do
        known |= {(key, ordinal) for key in cache.known(conn, keys) for ordinal in range(2)}
    there = [
        sum((by_order[ordinal % orders][place], ordinal) in known for ordinal in range(repeats))
        for place in range(len(asked))
    ]
    return _Known(sum(number == repeats for number in there), sum(there))


def _priced(
    conn: Connection,
    request: RunRequest,
    cell: GridCell,
    counted: _Counted,
    known: _Known,
    ids: Sequence[int] = (),
) -> RunEstimate:
    calls = counted.items * request.answers - known.answers
    job_id, otherwise = not_as_taught(conn, cell)
    return RunEstimate(
        version=cell.version,
        ref=cell.ref,
        annotator_name=counted.annotator_name,
        items=counted.items,
        calls=calls,
        expected=_expected(conn, request, cell, calls, ids),
        known=known.items,
        already=counted.already,
        on_the_way=counted.on_the_way,
        changed=counted.changed,
        not_asked=counted.not_asked,
        unknown=counted.unknown,
        examples_left_out=cell.config.get("examples_left_out", 0),
        apart=set_apart(conn, request, cell),
        not_as_taught=otherwise,
        at_once=tuple(together.titles) if (together := at_once_of(cell.config)) else (),
        fine_tune_id=job_id,
    )


def _expected(conn: Connection, request: RunRequest, cell: GridCell, calls: int, ids: Sequence[int]) -> Expected:
    """Of calls about these items, or where none are named about any of the split."""
    where = _of(request)
    who = (request.project_id, *cell.ref)
    seen = run_figures.newest_calls(conn, *who, cell.version.id, _SEEN)
    batch = request.mode is not Mode.LIVE
    pace = _pace(run_figures.newest_pace(conn, *who), seen, cell)
    length = _mean_length(conn, request.project_id, where, ids) if seen else None
    known = measured(calls, seen, cell.price, batch=batch, pace=pace, coming_length=length)
    if known is not None:
        return known
    named = list(items.get_many(conn, ids[:_SAMPLE]).values())
    sample = named or items.page(conn, request.project_id, where, limit=_SAMPLE)
    task, shows = task_of(cell.config), shows_of(cell.config)
    prompt = compiled(
        cell.version.system, cell.version.user, cell.version.examples, task, shows, at_once_of(cell.config)
    )
    length = _written_length(conn, request.project_id, sample) if is_as_long(cell.config) else None
    return rough(calls, [prompt.render(item) for item in sample], cell.config, batch=batch, characters=length)


def _written_length(conn: Connection, project_id: int, sample: Sequence[Item]) -> float:
    """How many characters an answer is taken to have that is a text: as many as those that were written, of spans, and
    where nobody has written any, as the items' own."""
    question = values.question_of(conn, project_id)
    written = values.mean_length(conn, question) if question.kind is QuestionKind.TEXT else None
    return written if written is not None else fmean([len(item.text) for item in sample] or [0])


def _mean_length(conn: Connection, project_id: int, where: items.ItemFilter, ids: Sequence[int]) -> float | None:
    if ids:
        return items.mean_length_of(conn, ids)
    return items.mean_length(conn, project_id, where, items.count(conn, project_id, where))


def _pace(newest: tuple[int, float] | None, seen: Sequence[run_figures.Call], cell: GridCell) -> Pace | None:
    seconds = [call.seconds for call in seen if call.seconds is not None]
    if newest is None or not seconds:
        return None
    limits = {name: cell.config[name] for name in ("in_flight", "requests_per_minute", "tokens_per_minute")}
    return Pace(fmean(seconds), *newest, **limits)
