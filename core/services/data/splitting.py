"""Items dealt into train, validation and test; deals kept and brought back; and what each of that costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.errors import WorkbenchError
from core.model import Split
from core.services.common.lookup import project_of
from core.services.common.values import strata
from core.services.data.deal_cost import DealCost as DealCost
from core.services.data.deal_cost import cost_of, shown_items
from core.services.data.importing import Progress, no_progress
from core.splits import Present, Shares, assign_splits, group_near_duplicates, join, taken_apart, too_large
from core.storage import annotations, annotators, deals, fine_tunes, items, looks, projects, uploads
from core.storage.deals import Dealt, StoredDeal
from core.storage.engine import Connection, Database, moment, now
from core.storage.homes import beside, home_of


@dataclass(frozen=True)
class FormerDeal:
    """A deal that another took the place of, kept whole. `dealt` is None where it was made before that was noted."""

    id: int
    dealt: datetime | None
    replaced: datetime
    seed: int
    shares: Shares
    counts: Mapping[str, int]


@dataclass(frozen=True)
class SplitFacts:
    """How the items are dealt. `locked` says why that cannot be changed now; empty while it can.

    From the first look at test or fine-tune on it is only changed by who says so, knowing the cost: see `split`.
    """

    counts: Mapping[str, int]
    seed: int
    shares: Shares
    near_duplicates: int
    stratified_by: str
    looks: int
    locked: str
    learned: bool = False
    """Whether a fine-tune has learned from the items that were in train."""
    former: tuple[FormerDeal, ...] = ()
    too_large: tuple[int, ...] = ()
    """How many items those groups of near-identical texts hold that are too large to be true."""
    apart: bool = False
    """Whether such groups were taken apart."""


def split(
    db: Database,
    project_id: int,
    shares: Shares | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
    *,
    agreed: bool = False,
    apart: bool = False,
) -> SplitFacts:
    """Deal all items anew; the present deal is kept, see `bring_back`. With `apart` groups of near-identical texts that
    are too large to be true are taken apart: only the very same words stay together.

    From the first look at test on, and once a model was taught what would be test, raises `WorkbenchError` with the
    cost unless that is `agreed`; and always while a fine-tune is about to read the present splits. Worked examples of
    saved prompts stay in train with their near-duplicates: who has seen them cannot be measured on them.
    """
    shares = shares or Shares()
    dealt, by, large = _deal(db, project_id, shares, seed, progress, apart=apart)
    with db.write() as conn:
        _refuse_if_locked(conn, project_id)
        if not agreed:
            _refuse_unless_free(cost_of(conn, project_id, _places(dealt)))
        facts = {
            "shares": shares.as_tuple(),
            "near_duplicates": sum(group is not None for _, group, _ in dealt),
            "stratified_by": by,
            "dealt": now(),
            "too_large": large,
            "apart": apart,
        }
        _put(conn, project_id, dealt, seed, facts)
    progress(1.0)
    return split_facts(db, project_id)


def split_cost(
    db: Database,
    project_id: int,
    shares: Shares,
    seed: int,
    progress: Progress = no_progress,
    *,
    apart: bool = False,
) -> DealCost:
    """What `split` would cost; nothing is changed. Raises `WorkbenchError` where it cannot be done at all."""
    dealt, *_ = _deal(db, project_id, shares, seed, progress, apart=apart)
    with db.read() as conn:
        return cost_of(conn, project_id, _places(dealt))


def bring_back(db: Database, project_id: int, deal_id: int, *, agreed: bool = False) -> SplitFacts:
    """Put the items back where they were in a former deal, whatever has been said of them since; the present is kept.

    Items that came later stay where they are, but for those near-identical to one of the deal: they go with it.

    Raises `WorkbenchError` as `split` does, where the looks are those since the present deal took its place.
    """
    with db.write() as conn:
        _refuse_if_locked(conn, project_id)
        former, dealt = _former(conn, project_id, deal_id)
        if not agreed:
            _refuse_unless_free(_cost_back(conn, project_id, dealt))
        _put(conn, project_id, dealt, former.seed, former.split_config)
    return split_facts(db, project_id)


def cost_back(db: Database, project_id: int, deal_id: int) -> DealCost:
    """What `bring_back` would cost; nothing is changed."""
    with db.read() as conn:
        return _cost_back(conn, project_id, _former(conn, project_id, deal_id)[1])


def split_facts(db: Database, project_id: int) -> SplitFacts:
    """How the items are dealt, whether that can still be changed, and the deals of before."""
    with db.read() as conn:
        project = project_of(conn, project_id)
        config = projects.split_config(conn, project_id) or {}
        by = annotators.get(conn, config["stratified_by"]) if config.get("stratified_by") else None
        present = config.get("dealt", 0.0)
        return SplitFacts(
            counts=items.split_counts(conn, project_id),
            seed=project.split_seed,
            shares=Shares(*config["shares"]) if config else Shares(),
            near_duplicates=config.get("near_duplicates", 0),
            stratified_by=by.name if by else "",
            looks=sum(looks.look_count(conn, one) for one in beside(conn, project_id)),
            locked=_lock_reason(conn, project_id),
            learned=any(fine_tunes.any_learned(conn, one) for one in beside(conn, project_id)),
            too_large=tuple(config.get("too_large") or ()),
            apart=bool(config.get("apart")),
            former=tuple(_told(one) for one in deals.former(conn, project_id) if one.dealt != present),
        )


def _deal(
    db: Database, project_id: int, shares: Shares, seed: int, progress: Progress, *, apart: bool
) -> tuple[list[Dealt], int | None, list[int]]:
    """Every item's place in a new deal, by whose labels it is stratified, and the sizes of groups too large to be
    true."""
    with db.read() as conn:
        project = project_of(conn, home_of(conn, project_id))
        _refuse_if_locked(conn, project_id)
        rows = list(items.texts(conn, project_id))
        said = annotations.value_ids_of(conn, project.reference_id) if project.reference_id else {}
        stratum = strata(conn, project.id) if said else {}
        of_item = {item_id: stratum[value_id] for item_id, value_id in said.items()}
        shown = shown_items(conn, project_id)
    ids = [item_id for item_id, _ in rows]
    texts = [text for _, text in rows]
    groups = group_near_duplicates(texts, lambda share: progress(0.8 * share))
    groups = taken_apart(groups, texts) if apart else groups
    large = [groups.count(group) for group in too_large(groups, texts)]
    kept = {place for place, item_id in enumerate(ids) if item_id in shown}
    splits = assign_splits([of_item.get(item_id) for item_id in ids], groups, shares, seed, kept)
    progress(0.9)
    dealt = [
        (str(split), None if group is None else ids[group], item_id)
        for split, group, item_id in zip(splits, groups, ids, strict=True)
    ]
    return dealt, project.reference_id, large


def _put(
    conn: Connection, project_id: int, dealt: Iterable[Dealt], seed: int, split_config: Mapping[str, object]
) -> None:
    """Keep the present deal, and put another in its place."""
    present = project_of(conn, project_id).split_seed
    deals.keep(conn, project_id, present, projects.split_config(conn, project_id) or {"shares": Shares().as_tuple()})
    items.set_splits(conn, dealt)
    projects.set_split(conn, project_id, seed, {**split_config, "since": now()})


def _former(conn: Connection, project_id: int, deal_id: int) -> tuple[StoredDeal, list[Dealt]]:
    found = deals.assignment(conn, project_id, deal_id)
    if found is None:
        raise WorkbenchError("There are no such former splits of this project.", "Choose one listed under Splits.")
    former, dealt = found
    return former, [*dealt, *_later(conn, project_id, dealt)]


def _later(conn: Connection, project_id: int, dealt: Iterable[Dealt]) -> list[Dealt]:
    """The places of items that came after a deal and are near one of it: by groups as they are now."""
    then = {item_id: Present(item_id, Split(split), group) for split, group, item_id in dealt}
    now_in = {one.id: one.duplicate_group for one in uploads.known_items(conn, project_id)}
    present = [one for one in then.values() if one.id in now_in]
    later = [item_id for item_id, group in now_in.items() if item_id not in then and group is not None]
    groups = [now_in[item_id] for item_id in (*(one.id for one in present), *later)]
    places, company = join(present, list(map(str, later)), groups, Shares(), 0)
    near = [(str(to.split), to.group, item_id) for item_id, to in zip(later, places, strict=True) if to.is_near]
    return near + [(str(then[item_id].split), group, item_id) for item_id, group in company.items()]


def _cost_back(conn: Connection, project_id: int, dealt: Iterable[Dealt]) -> DealCost:
    since = (projects.split_config(conn, project_id) or {}).get("since", 0.0)
    return cost_of(conn, project_id, _places(dealt), since=since, pinned=False)


def _places(dealt: Iterable[Dealt]) -> dict[int, Split]:
    return {item_id: Split(split) for split, _, item_id in dealt}


def _told(one: StoredDeal) -> FormerDeal:
    dealt = moment(one.dealt) if one.dealt else None
    return FormerDeal(one.id, dealt, one.replaced_at, one.seed, Shares(*one.split_config["shares"]), one.counts)


def _lock_reason(conn: Connection, project_id: int) -> str:
    if any(fine_tunes.any_about_to_learn(conn, one) for one in beside(conn, project_id)):
        return (
            "A fine-tune was started that has not yet learned from these splits; splitting again now could leak test "
            "items into training."
        )
    return ""


def _refuse_if_locked(conn: Connection, project_id: int) -> None:
    reason = _lock_reason(conn, project_id)
    if reason:
        raise WorkbenchError(reason, "Wait until its files are at the host, or cancel it.")


def _refuse_unless_free(cost: DealCost) -> None:
    if cost.needs_consent:
        raise WorkbenchError(
            " ".join(cost.sentences()), "Agree to that under Splits, or with `agreed`; the present splits are kept."
        )
