"""Which items a model's answers say nothing about, because it was taught what to answer."""

from collections.abc import Iterable

from core.model import AnnotatorKind, Split
from core.services.common.lookup import annotator_of
from core.storage import annotators, fine_tunes, items, prompt_versions, taught
from core.storage.engine import Connection


def taught_items(conn: Connection, annotator_id: int) -> frozenset[int]:
    """The items of its project whose text a model was taught: by the fine-tunes it came out of, here or in another
    project, or as a worked example of its prompt. Nobody else is taught any."""
    annotator = annotator_of(conn, annotator_id)
    if annotator.kind is not AnnotatorKind.MODEL:
        return frozenset()
    fine_tunes = {*taught.behind(conn, annotator.model or ""), *filter(None, [annotator.fine_tune_id])}
    version = prompt_versions.version(conn, annotator.prompt_version_id) if annotator.prompt_version_id else None
    examples = [example.text for example in version.examples] if version else []
    return taught.items_with(conn, annotator.project_id, sorted(fine_tunes), examples)


def tuned_models(conn: Connection, project_id: int) -> dict[str, frozenset[int]]:
    """The items of the project that each tuned model was taught: those made here, in the making or used here."""
    jobs = fine_tunes.list_all(conn, project_id)
    names = {job.fine_tuned_model for job in jobs} | {one.model for one in annotators.list_all(conn, project_id)}
    behind = {name: taught.behind(conn, name) for name in sorted(filter(None, names))}
    making = [job for job in jobs if job.status.is_live and not job.fine_tuned_model]
    behind |= {f"{job.base_model}, being fine-tuned,": (job.id,) for job in making}
    return {name: taught.items_with(conn, project_id, ids, ()) for name, ids in behind.items() if ids}


def left_out(conn: Connection, annotator_ids: Iterable[int], split: Split | None) -> frozenset[int]:
    """The items that no score of these annotators on the split counts, since one of them was taught them.

    On train none are left out: what was learned there is just what is asked, and no measure of anything else.
    """
    if split is Split.TRAIN:
        return frozenset()
    found = frozenset[int]().union(*(taught_items(conn, one) for one in annotator_ids))
    return found if split is None else items.within(conn, found, split)


def counted(kept: int, of_all: int) -> str:
    """How many of the items two have labelled are left out, and why; empty where none is."""
    gone = of_all - kept
    if not gone:
        return ""
    return f"{gone:,} of {of_all:,} items left out: the model was taught {'it' if gone == 1 else 'them'}."
