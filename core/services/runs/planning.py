"""Which items each cell of a run request is to label, and by whom: what `start` would do, without doing it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind, Item, PromptVersion
from core.services.asking.requests import GridCell, ModelRef, RunRequest, Which
from core.services.asking.wording import differences, wording
from core.services.common.asked import ASKED_BY, by
from core.services.common.lookup import annotator_of, ensure_annotator, fine_tune_of, project_of
from core.services.hosts.models import tuned_title
from core.storage import (
    annotations,
    annotators,
    batches,
    conditions,
    fine_tunes,
    items,
    projects,
    run_figures,
    runs,
    taught,
)
from core.storage.engine import Connection
from core.storage.review import in_seeded_order

PROBE_ITEMS = 20
_FEW = 5000


class Hasher(Protocol):
    """The keys of the requests a cell would send for these items now; `ordinal` says which of several."""

    def __call__(self, cell: GridCell, items: Sequence[Item], ordinal: int = 0) -> list[bytes]: ...


@dataclass(frozen=True)
class PlannedRun:
    """A cell with its items. `already` are those left out because they are labelled, `changed` those labelled again
    because their prompt changed; `on_the_way` are left out because a run that is queued or going will label them, or a
    host may be answering them in a batch; `not_asked` because the question hangs on another answer to an earlier one,
    `unknown` because they have none to that."""

    cell: GridCell
    annotator: Annotator | None
    annotator_name: str
    item_ids: tuple[int, ...]
    already: int = 0
    on_the_way: int = 0
    changed: int = 0
    not_asked: int = 0
    unknown: int = 0
    beside: tuple["PlannedRun", ...] = ()
    """What the same answers label of the other questions."""

    @property
    def version(self) -> PromptVersion:
        return self.cell.version

    @property
    def calls(self) -> int:
        """Answers it takes; those the cache has are among them."""
        return len(self.item_ids) * int(self.cell.config["repeats"])

    def probe(self, seed: int, n: int = PROBE_ITEMS) -> "PlannedRun":
        """The same with the first few of its items in seeded order, so that every cell probes the same ones."""
        few = in_seeded_order(list(self.item_ids), seed)[:n]
        cell = replace(self.cell, config={**self.cell.config, "mode": "live", "purpose": "probe"})
        return replace(self, cell=cell, item_ids=tuple(sorted(few)), beside=())


def plan(conn: Connection, request: RunRequest, cell: GridCell, hashes: Hasher) -> PlannedRun:
    """Raises `WorkbenchError` where there are no items in the split."""
    ids, not_asked, unknown = selection(conn, request, cell)
    annotator = find_annotator(conn, request, cell)
    few = ids if len(ids) <= _FEW else None
    new_only = annotator is not None and request.which is not Which.ALL
    labelled = set(annotations.value_ids_of(conn, annotator.id, few)) if annotator and new_only else set()
    changed: set[int] = set()
    if annotator is not None and request.which is Which.CHANGED:
        changed = _changed(conn, annotator.id, cell, [item_id for item_id in ids if item_id in labelled], hashes)
    wanted = [item_id for item_id in ids if item_id not in labelled or item_id in changed]
    # Started twice, by a double click or in two tabs, the same call would be paid for twice.
    coming = on_their_way(conn, annotator.id) if annotator else set()
    fresh = tuple(item_id for item_id in wanted if item_id not in coming)
    return PlannedRun(
        cell=cell,
        annotator=annotator,
        annotator_name=annotator.name if annotator else annotator_name(conn, request, cell),
        item_ids=fresh,
        already=len(ids) - len(wanted),
        on_the_way=len(wanted) - len(fresh),
        changed=len(changed.intersection(fresh)),
        not_asked=not_asked,
        unknown=unknown,
        beside=tuple(_plan_beside(conn, request, cell, one, ids, fresh) for one in cell.beside),
    )


def _plan_beside(
    conn: Connection, request: RunRequest, lead: GridCell, cell: GridCell, ids: Sequence[int], asked: Sequence[int]
) -> PlannedRun:
    """What another question gets from the answers of the `lead`: those that are `asked` for now, and those of before
    that it has not taken over yet, as far as it is asked by them."""
    annotator = find_annotator(conn, request, cell)
    labelled = set(annotations.value_ids_of(conn, annotator.id, None)) if annotator else set()
    coming = on_their_way(conn, annotator.id) if annotator else set()
    condition, ruled_out = conditions.of(conn, cell.project_id), set[int]()
    if condition is not None:
        on = next((one for one in (lead, *lead.beside) if one.project_id == condition.on), None)
        before = find_annotator(conn, request, on) if on else None
        ruled_out = conditions.asked_items(conn, cell.project_id, by(conn, condition, before))[1]
    wanted = (set(ids) - labelled - ruled_out | set(asked)) - coming
    name = annotator.name if annotator else annotator_name(conn, request, cell)
    return PlannedRun(cell, annotator, name, tuple(sorted(wanted)))


def on_their_way(conn: Connection, annotator_id: int) -> set[int]:
    """Items that are to be labelled by this annotator without anybody starting anything."""
    return runs.under_way(conn, annotator_id) | batches.items_at_host(conn, annotator_id)


def still_wanted(conn: Connection, request: RunRequest, planned: PlannedRun) -> PlannedRun:
    """A plan less what went on its way, or was labelled by another start, since it was made."""
    planned = replace(planned, beside=tuple(still_wanted(conn, request, one) for one in planned.beside))
    annotator = find_annotator(conn, request, planned.cell)
    if annotator is None:
        return planned
    gone = on_their_way(conn, annotator.id)
    late = gone.intersection(planned.item_ids)
    if request.which is Which.NEW:
        few = planned.item_ids if len(planned.item_ids) <= _FEW else None
        gone |= annotations.value_ids_of(conn, annotator.id, few).keys()
    ids = tuple(item_id for item_id in planned.item_ids if item_id not in gone)
    return replace(planned, item_ids=ids, on_the_way=planned.on_the_way + len(late))


def selection(conn: Connection, request: RunRequest, cell: GridCell) -> tuple[list[int], int, int]:
    """The same items for every version and model with the same split, seed, n and decider; a larger n holds the
    smaller. And how many are left out since the question is not asked of them, and since that is not known."""
    ids = items.ids_in(conn, request.project_id, request.split, request.upload_id)
    if not ids:
        where = f"the {request.split} split" if request.split else "this project"
        where += " that came with this upload" if request.upload_id is not None else ""
        raise WorkbenchError(f"There are no items in {where}.", "Choose another split, or split on the Data page.")
    ids, not_asked, unknown = _asked(conn, request, cell, ids)
    if request.n is not None:
        ids = in_seeded_order(ids, request.seed)[: max(0, request.n)]
    shown = {example.item_id for example in cell.version.examples}
    return sorted(item_id for item_id in ids if item_id not in shown), not_asked, unknown


def _asked(conn: Connection, request: RunRequest, cell: GridCell, ids: list[int]) -> tuple[list[int], int, int]:
    """Those of which the question is asked by the answers that decide."""
    condition = conditions.of(conn, request.project_id)
    if condition is None or ASKED_BY not in cell.config:
        return ids, 0, 0
    asked, ruled_out = conditions.asked_items(
        conn, request.project_id, by(conn, condition, annotator_of(conn, cell.config[ASKED_BY]))
    )
    kept = [item_id for item_id in ids if item_id in asked]
    not_asked = len(ruled_out.intersection(ids))
    return kept, not_asked, len(ids) - len(kept) - not_asked


def _changed(conn: Connection, annotator_id: int, cell: GridCell, labelled: Sequence[int], hashes: Hasher) -> set[int]:
    """Those of these items that would now be asked about in other words than when they were labelled."""
    changed: set[int] = set()
    for start in range(0, len(labelled), _FEW):
        chunk = labelled[start : start + _FEW]
        answered = run_figures.answered_with(conn, annotator_id, chunk)
        asked_by = {run: _asks_the_same(conn, run, cell.config) for run in {run for run, _ in answered.values()}}
        found = items.get_many(conn, [i for i, (_, key) in answered.items() if key is not None])
        now = dict(zip(found, hashes(cell, list(found.values())), strict=True)) if found else {}
        changed |= {
            item_id
            for item_id, (run_id, key) in answered.items()
            if (now[item_id] != key if key is not None and item_id in now else not asked_by[run_id])
        }
    return changed


def _asks_the_same(conn: Connection, run_id: int, config: Mapping[str, Any]) -> bool:
    """Whether a run whose requests left no key was asked with the same words: for runs of before keys were kept."""
    run = runs.get(conn, run_id)
    return run is not None and wording(run.config) == wording(config)


# annotators


def find_annotator(conn: Connection, request: RunRequest, cell: GridCell) -> Annotator | None:
    """Who already answers for this cell: the same model, prompt and way of asking, and the same words unless what was
    asked in others is to be asked again."""
    known = _of_any_wording(conn, request, cell)
    if request.which is Which.CHANGED:
        return known[-1] if known else None
    same = (one for one in reversed(known) if not any(reworded(conn, one, cell)))
    return next(same, None)


def _of_any_wording(conn: Connection, request: RunRequest, cell: GridCell) -> list[Annotator]:
    return annotators.find_models(conn, cell.project_id, *cell.ref, cell.version.id, request.variant)


def reworded(conn: Connection, annotator: Annotator, cell: GridCell) -> Iterator[str]:
    """What the cell asks otherwise than the annotator was asked last, a sentence each."""
    its_runs = runs.of_annotator(conn, annotator.id)
    if its_runs:
        yield from differences(max(its_runs, key=lambda run: run.id).config, cell.config)


def set_apart(conn: Connection, request: RunRequest, cell: GridCell) -> tuple[str, ...]:
    """Why answers will count as those of another annotator than the same model with the same prompt has been; empty
    where they do not."""
    known = _of_any_wording(conn, request, cell)
    if not known or find_annotator(conn, request, cell) is not None:
        return ()
    return (f"Since {known[-1].name} was asked:", *reworded(conn, known[-1], cell))


def not_as_taught(conn: Connection, cell: GridCell) -> tuple[int | None, tuple[str, ...]]:
    """The fine-tune of this project that the cell's model came out of, and what it is asked otherwise than it was
    taught; of one of another project only the latter."""
    for job_id in reversed(taught.behind(conn, cell.ref.model)):
        job = fine_tune_of(conn, job_id)
        if job.host == cell.ref.host and (asked := job.config.get("asked")):
            is_here = job.project_id == cell.project_id
            return job.id if is_here else None, tuple(differences(asked, cell.config))
    return None, ()


def _variant(conn: Connection, request: RunRequest, cell: GridCell) -> str:
    """The request's own; a later wording of the same prompt version is numbered."""
    known = len(_of_any_wording(conn, request, cell))
    return f"{request.variant} {annotators.WORDING} {known + 1}".strip() if known else request.variant


def annotator_name(conn: Connection, request: RunRequest, cell: GridCell) -> str:
    """`gpt · v3`, `tuned 1 · v3 ×5`, `gpt · v3 wording 2`; `gpt · Topic v3` by the prompt of another question."""
    job_id = _fine_tune_id(conn, cell.project_id, cell.ref)
    title = tuned_title(fine_tune_of(conn, job_id)) if job_id is not None else cell.ref.model
    asking = project_of(conn, cell.version.project_id)
    prompt = f"v{cell.version.number}" if asking.id == cell.project_id else f"{asking.question} v{cell.version.number}"
    return f"{title} · {prompt} {_variant(conn, request, cell)}".strip()


def _fine_tune_id(conn: Connection, project_id: int, ref: ModelRef) -> int | None:
    """The fine-tune that made the model, of this question or of another about the same items: one may answer both."""
    others = (one.id for one in projects.questions(conn, project_id) if one.id != project_id)
    jobs = chain.from_iterable(fine_tunes.list_all(conn, one) for one in (project_id, *others))
    named = (job for job in jobs if ref.model in (job.fine_tuned_model, job.called))
    return next((job.id for job in named if job.host == ref.host), None)


def ensure_model_annotator(conn: Connection, request: RunRequest, cell: GridCell) -> int:
    """The annotator of this cell, made where it is new; its host is named where the name is taken."""
    known = find_annotator(conn, request, cell)
    if known is not None:
        return known.id
    name = annotator_name(conn, request, cell)
    taken = {a.name for a in annotators.list_all(conn, cell.project_id)}
    names = (name, f"{name} ({cell.config['host_title']})", f"{name} ({cell.ref.host})")
    return ensure_annotator(
        conn,
        cell.project_id,
        AnnotatorKind.MODEL,
        next((one for one in names if one not in taken), names[-1]),
        host=cell.ref.host,
        model=cell.ref.model,
        prompt_version_id=cell.version.id,
        fine_tune_id=_fine_tune_id(conn, cell.project_id, cell.ref),
        variant=_variant(conn, request, cell),
    )
