"""Which items no score counts: those whose answer a model was taught, and those that somebody was not asked."""

from collections.abc import Iterable

from core.model import AnnotatorKind, Split
from core.plural import count
from core.services.common.asked import not_asked
from core.services.common.lookup import annotator_of
from core.services.common.nearly_taught import nearly_taught
from core.storage import annotators, fine_tunes, items, prompt_versions, taught
from core.storage.engine import Connection


def taught_items(conn: Connection, annotator_id: int) -> frozenset[int]:
    """The items of its project whose text a model was taught, or one nearly identical: by the fine-tunes it came out
    of, here or in another project, or as a worked example of its prompt. Nobody else is taught any."""
    same, nearly = _known(conn, annotator_id)
    return same | nearly if nearly else same


def _known(conn: Connection, annotator_id: int) -> tuple[frozenset[int], frozenset[int]]:
    """The items with the very words that a model was taught, and those with nearly these."""
    annotator = annotator_of(conn, annotator_id)
    if annotator.kind is not AnnotatorKind.MODEL:
        return frozenset(), frozenset()
    fine_tunes = {*taught.behind(conn, annotator.model or ""), *filter(None, [annotator.fine_tune_id])}
    version = prompt_versions.version(conn, annotator.prompt_version_id) if annotator.prompt_version_id else None
    examples = [example.text for example in version.examples] if version else []
    same = taught.items_with(conn, annotator.project_id, sorted(fine_tunes), examples)
    return same, nearly_taught(conn, annotator.project_id, sorted(fine_tunes), same)


def tuned_models(conn: Connection, project_id: int) -> dict[str, frozenset[int]]:
    """The items of the project that each tuned model was taught: those made here, in the making or used here."""
    jobs = fine_tunes.list_all(conn, project_id)
    names = {job.fine_tuned_model for job in jobs} | {one.model for one in annotators.list_all(conn, project_id)}
    behind = {name: taught.behind(conn, name) for name in sorted(filter(None, names))}
    making = [job for job in jobs if job.status.is_live and not job.fine_tuned_model]
    behind |= {f"{job.base_model}, being fine-tuned,": (job.id,) for job in making}
    same = {name: (ids, taught.items_with(conn, project_id, ids, ())) for name, ids in behind.items() if ids}
    return {name: known | nearly_taught(conn, project_id, ids, known) for name, (ids, known) in same.items()}


def left_out(conn: Connection, annotator_ids: Iterable[int], split: Split | None) -> frozenset[int]:
    """The items that no score of these annotators on the split counts: one of them was taught them, or answered what
    they are not asked any more."""
    ids = tuple(annotator_ids)
    taught, kept = taught_to_any(conn, ids, split), not_asked(conn, ids)
    return taught | kept if kept else taught


def taught_to_any(conn: Connection, annotator_ids: Iterable[int], split: Split | None) -> frozenset[int]:
    """The items that one of them was taught.

    On train there are none: what was learned there is just what is asked, and no measure of anything else.
    """
    if split is Split.TRAIN:
        return frozenset()
    found = frozenset[int]().union(*(taught_items(conn, one) for one in annotator_ids))
    return found if split is None else items.within(conn, found, split)


def any_nearly(conn: Connection, annotator_ids: Iterable[int], split: Split | None) -> bool:
    """Whether an item of the split is left out only since it reads nearly as something that was taught."""
    known = [_known(conn, one) for one in annotator_ids]
    nearly = frozenset[int]().union(*(one for _, one in known)).difference(*(one for one, _ in known))
    return bool(nearly if split is None else split is not Split.TRAIN and items.within(conn, nearly, split))


def counted(kept: int, of_all: int, *, nearly: bool = False) -> str:
    """How many of the items two have labelled are left out, and why; empty where none is. `nearly`: some of them have
    not the very words that were taught."""
    gone = of_all - kept
    if not gone:
        return ""
    what = ("it" if gone == 1 else "them") + (" or nearly the same text" if nearly else "")
    return f"{gone:,} of {count(of_all, 'item')} left out: the model learned from {what}."
