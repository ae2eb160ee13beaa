"""A grid of runs beside each other: what each model came to with each prompt, and at what price."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median_low

from core.model import Annotator, Estimate, Run
from core.services.asking.costing import Costs, LabelCost
from core.services.common import same_rows
from core.services.common.lookup import project_of, run_of
from core.services.common.same_rows import SameRows
from core.services.common.tables import headline, headline_of, source_of_runs
from core.services.common.titles import titled
from core.storage import prompt_versions, run_figures, runs
from core.storage.engine import Connection

_ITSELF = "it is the reference itself"


@dataclass(frozen=True)
class GridResult:
    """A model with a prompt. `run` is what to open, `runs` are all of the grid that belong here, its probe too.

    `accuracy` is agreement with the reference on the labels these runs gave outside test, on the items that all cells
    have labelled, unless the cell is `apart`: then it labelled too few of those. `cost` is of all its own labels,
    `seconds` the median.
    """

    run: Run
    runs: tuple[Run, ...]
    annotator: Annotator
    model: str
    prompt: str
    labelled: int
    chosen: int
    accuracy: Estimate
    cost: LabelCost
    is_free: bool
    seconds: float | None
    apart: bool = False

    @property
    def tokens(self) -> int:
        return sum(run.prompt_tokens + run.completion_tokens for run in self.runs)


@dataclass(frozen=True)
class SideBySide:
    """The cells of a grid, the most accurate first, those on other items and those without a figure last.

    `sentences` say which is best, how far that is to be trusted, and what is left out.
    """

    cells: tuple[GridResult, ...]
    reference: Annotator | None
    measure: str
    """What the figures are: the headline of the kind of question."""
    sentences: tuple[str, ...] = ()


def side_by_side(conn: Connection, costs: Costs, run_id: int) -> SideBySide:
    """The grid a run belongs to. Scores on test are not among the figures, so this is no look."""
    run = run_of(conn, run_id)
    together = [run_of(conn, one) for one in (runs.of_grid(conn, run.grid_id) if run.grid_id is not None else [run_id])]
    everyone = titled(conn, run.project_id)
    reference = project_of(conn, run.project_id).reference_id
    by_annotator = {
        who: [one for one in together if one.annotator_id == who]
        for who in dict.fromkeys(one.annotator_id for one in together)
    }
    measure = headline(conn, run.project_id)
    cells = [_cell(conn, costs, its_runs, everyone[who], reference) for who, its_runs in by_annotator.items()]
    if reference is None:
        return SideBySide(tuple(cells), None, measure.title)
    rivals = {everyone[who]: [one.id for one in its_runs] for who, its_runs in by_annotator.items() if who != reference}
    rows = same_rows.of_runs(conn, run.project_id, reference, rivals)
    cells = [_on_same_rows(cell, rows, is_score=measure.key == same_rows.SCORE) for cell in cells]
    cells.sort(key=lambda cell: (cell.accuracy.value is None, cell.apart, -(cell.accuracy.value or 0.0)))
    return SideBySide(tuple(cells), everyone[reference], measure.title, tuple(rows.sentences()))


def _on_same_rows(cell: GridResult, rows: SameRows, *, is_score: bool) -> GridResult:
    score = rows.score(cell.annotator.id)
    if score is not None:
        return replace(cell, accuracy=score) if is_score else cell
    return replace(cell, apart=cell.accuracy.value is not None)


def _cell(
    conn: Connection, costs: Costs, its_runs: Sequence[Run], annotator: Annotator, reference: int | None
) -> GridResult:
    ids = [run.id for run in its_runs]
    is_reference = annotator.id == reference
    said = source_of_runs(conn, annotator.project_id, ids, None if is_reference else reference)
    accuracy = Estimate(None, 0, undefined=_ITSELF) if is_reference else headline_of(conn, annotator.project_id, said)
    version = prompt_versions.version(conn, annotator.prompt_version_id) if annotator.prompt_version_id else None
    labelled, chosen = run_figures.labelled(conn, ids)
    seconds = [took for run_id in ids for took in run_figures.latencies(conn, run_id)]
    spent = [costs.spent(run, run_figures.asked(conn, run)) for run in its_runs]
    return GridResult(
        run=max(its_runs, key=lambda run: (run.config.get("purpose") != "probe", run.id)),
        runs=tuple(its_runs),
        annotator=annotator,
        model=annotator.name.replace(f" · v{version.number}", "", 1) if version else annotator.name,
        prompt=version.title if version else "",
        labelled=labelled,
        chosen=chosen,
        accuracy=accuracy,
        cost=sum(spent, LabelCost(0.0, 0, said.n, said.agreements)),
        is_free=all(costs.is_free(run) for run in its_runs),
        seconds=median_low(seconds) if seconds else None,
    )
