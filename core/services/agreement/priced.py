"""What an annotator's labels cost, beside how it came to give them: zero-shot, few-shot, or tuned."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.model import AnnotatorKind, Split
from core.services.asking.costing import Costs, LabelCost
from core.services.common.lookup import annotator_of
from core.storage import prompt_versions, run_figures, runs, taught
from core.storage.engine import Connection


class Way(StrEnum):
    """How a model was brought to answer."""

    ZERO_SHOT = "zero-shot"
    FEW_SHOT = "few-shot"
    TUNED = "tuned"


@dataclass(frozen=True)
class Priced:
    """`per_1000` is dollars per 1,000 items asked about, 0 where nothing is paid for its calls and None where that is
    not known; `why` says then why. `way` is None for people and imports, whose time is not counted. `run_id` is its
    newest run that has labels of the split."""

    annotator_id: int
    way: Way | None
    per_1000: float | None = None
    run_id: int | None = None
    why: str = ""


def priced(conn: Connection, costs: Costs, annotator_id: int, split: Split | None) -> Priced:
    """What its runs over the split cost; no score is read, so on test it is no look. What teaching it cost is left
    out: that is paid once, however many items follow."""
    annotator = annotator_of(conn, annotator_id)
    if annotator.kind is not AnnotatorKind.MODEL:
        return Priced(annotator_id, None, why="a person’s time is not counted here")
    version = prompt_versions.version(conn, annotator.prompt_version_id) if annotator.prompt_version_id else None
    is_tuned = annotator.fine_tune_id is not None or bool(taught.behind(conn, annotator.model or ""))
    few = version is not None and bool(version.examples)
    way = Way.TUNED if is_tuned else Way.FEW_SHOT if few else Way.ZERO_SHOT
    its = [one for one in runs.of_annotator(conn, annotator_id) if one.done]
    over = [one for one in its if split is None or one.config.get("split") in (None, split)]
    its = sorted(over or its, key=lambda one: one.id)
    if not its:
        return Priced(annotator_id, way, why="none of its labels came from a run here")
    newest = its[-1].id
    if all(costs.is_free(one) for one in its):
        return Priced(annotator_id, way, 0.0, newest)
    spent = sum((costs.spent(one, run_figures.asked(conn, one)) for one in its), LabelCost(0.0, 0))
    if spent.per_1000 is not None:
        return Priced(annotator_id, way, spent.per_1000, newest)
    why = "all its answers came from the cache" if spent.is_all_from_cache else "the price of its model is unknown"
    return Priced(annotator_id, way, None, newest, why)


def front(points: Mapping[int, tuple[float, float]]) -> frozenset[int]:
    """Of `(cost, quality)` by id those that none beats: no other is as good for less, or better for as much."""
    return frozenset(
        one
        for one, (cost, quality) in points.items()
        if not any(
            other_cost <= cost and other_quality >= quality and (other_cost, other_quality) != (cost, quality)
            for other_cost, other_quality in points.values()
        )
    )
