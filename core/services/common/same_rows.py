"""Several annotators against the reference on the items that all of them have labelled: the only fair comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from core.exporters.figures import number, with_interval
from core.metrics.ranking import ENOUGH, Pattern, Ranking, rank
from core.model import Annotator, Estimate, Split
from core.plural import count
from core.services.common import values
from core.services.common.asked import not_asked
from core.services.common.tables import headline, is_counted, pair_counts, taught_to
from core.services.common.taught import left_out
from core.storage import same_rows
from core.storage.engine import Connection
from core.storage.kept import until_news

SCORE = "accuracy"
"""By which metric they rank: how often they say exactly what the reference says."""
_REMEMBERED = 32
_NAMED = 4


@dataclass(frozen=True)
class SameRows:
    """`candidates` and how they rank; places in the ranking are places among them. `but` are items that no score here
    counts, since one of them was taught them."""

    candidates: tuple[Annotator, ...]
    ranking: Ranking
    but: frozenset[int] = frozenset()
    is_headline: bool = True
    """Whether how often they say exactly the same is what the kind of question is told by."""

    def score(self, annotator_id: int) -> Estimate | None:
        """Accuracy on the items all have labelled; None for whoever labelled too few of them to be compared."""
        place = next((i for i, one in enumerate(self.candidates) if one.id == annotator_id), None)
        return None if place is None else self.ranking.score(place)

    @property
    def compared(self) -> tuple[int, ...]:
        """The ids of those compared with each other."""
        return tuple(self.candidates[place].id for place in self.ranking.members)

    @property
    def best(self) -> tuple[Annotator, Estimate] | None:
        """The one with the highest score, and that score without the luck of being chosen; None where too few items
        say so, or there is nobody to be better than."""
        ranking = self.ranking
        if ranking.best is None or ranking.corrected is None:
            return None
        return self.candidates[ranking.best], ranking.corrected

    @property
    def unbeaten(self) -> tuple[Annotator, ...]:
        """Whom the best cannot be told from."""
        ranking = self.ranking
        return tuple(
            self.candidates[place] for place in ranking.members if place not in (ranking.best, *ranking.beaten)
        )

    @property
    def apart(self) -> tuple[Annotator, ...]:
        """Who labelled something, but too few of these items to be compared."""
        return tuple(self.candidates[place] for place in self.ranking.others)

    def sentences(self) -> list[str]:
        """Which is best and how far that can be trusted, which items are left out, who is not compared."""
        return [said for said in (_best_in_words(self), _left_out(self), _apart_in_words(self)) if said]


def of_annotators(
    conn: Connection,
    project_id: int,
    reference: int,
    candidates: Sequence[Annotator],
    split: Split | None,
    look: int = 1,
) -> SameRows:
    """Those of the candidates but the reference who labelled anything that it has labelled in the split; `look` is the
    how-manieth look at them it is."""
    candidates = [one for one in candidates if one.id != reference]
    ids = [one.id for one in candidates]
    same = same_values(conn, project_id)
    but = left_out(conn, (reference, *ids), split)
    found = _patterns(conn, project_id, reference, ids, split, same, but)
    return replace(ranked(candidates, found, but, look), is_headline=headline(conn, project_id).key == SCORE)


def _patterns(
    conn: Connection,
    project_id: int,
    reference: int,
    ids: Sequence[int],
    split: Split | None,
    same: Mapping[int, int],
    but: frozenset[int],
) -> Sequence[Pattern]:
    """Who labelled and who was right, and how often. Of one candidate its figures' own counts say it already."""
    if len(ids) == 1 and is_counted(conn, project_id):
        right = [0, 0]
        for own, other, n in pair_counts(conn, project_id, reference, ids[0], split, but):
            if other is not None:
                right[same.get(own, own) == same.get(other, other)] += n
        return [(1, as_the_reference, n) for as_the_reference, n in enumerate(right) if n]
    return until_news(
        conn,
        ("same rows", reference, *ids, split, but, *same.items()),
        lambda: same_rows.of_annotators(conn, reference, ids, split, same, but),
        dealt_in=project_id,
    )


def of_runs(
    conn: Connection, project_id: int, reference: int, candidates: Mapping[Annotator, Sequence[int]]
) -> SameRows:
    """As `of_annotators`, each of the candidates by the labels that these runs of it gave outside test."""
    its_runs = list(candidates.values())
    but = not_asked(conn, (reference,)).union(*(taught_to(conn, ids) for ids in its_runs))
    found = same_rows.of_runs(conn, reference, its_runs, same_values(conn, project_id), but)
    return replace(ranked(list(candidates), found, but), is_headline=headline(conn, project_id).key == SCORE)


def ranked(
    candidates: Sequence[Annotator], patterns: Sequence[Pattern], but: frozenset[int], look: int = 1
) -> SameRows:
    """Whoever labelled nothing here is no candidate."""
    present = [place for place in range(len(candidates)) if any(labelled >> place & 1 for labelled, *_ in patterns)]
    kept = tuple((_only(labelled, present), _only(right, present), n) for labelled, right, n in patterns)
    return SameRows(tuple(candidates[place] for place in present), _rank(kept, len(present), look), but)


def same_values(conn: Connection, project_id: int) -> dict[int, int]:
    """Which values count as another one: labels that were merged as their successors, those of one name as the first
    so named."""
    merged, named = values.merged_labels(conn, project_id), values.of_one_name(conn, project_id)
    becomes = {label: named.get(merged.get(label, label), merged.get(label, label)) for label in {*merged, *named}}
    return values.counting_as(conn, project_id, becomes)


@lru_cache(_REMEMBERED)
def _rank(patterns: tuple[Pattern, ...], candidates: int, look: int) -> Ranking:
    return rank(patterns, candidates, look)


def _only(mask: int, places: Sequence[int]) -> int:
    return sum((mask >> place & 1) << new for new, place in enumerate(places))


def _best_in_words(rows: SameRows) -> str:
    ranking, many = rows.ranking, len(rows.ranking.members)
    if many < 2:
        return ""
    if rows.best is None:
        return f"All {many} have {count(ranking.n, 'item')} in common: too few to call one best ({ENOUGH} are needed)."
    best, corrected = rows.best
    score = rows.score(best.id)
    value = number(score.value if score else None)
    pairs = many * (many - 1) // 2
    how = f"McNemar mid-p, {_held(pairs)}{100 * ranking.level:.2g} %"
    corrected_in_words = f"corrected for having been chosen {with_interval(corrected)}"
    return (
        f"On the {count(ranking.n, 'item')} that all {many} have labelled, {best.name} {_how(rows)}: {value}, "
        f"{corrected_in_words}. {_told(rows)} ({how})."
    )


def _how(rows: SameRows) -> str:
    return "scores highest" if rows.is_headline else "says exactly the same as the reference most often"


def _held(pairs: int) -> str:
    return f"Holm over {pairs:,} pairs at " if pairs > 1 else "at "


def _told(rows: SameRows) -> str:
    beaten = [rows.candidates[place] for place in rows.ranking.beaten]
    if not beaten:
        return "It cannot be told apart from any other"
    if not rows.unbeaten:
        return "It is better than every other" if len(beaten) > 1 else f"It is better than {beaten[0].name}"
    return f"It is better than {_names(beaten)}, and cannot be told apart from {_names(rows.unbeaten)}"


def _left_out(rows: SameRows) -> str:
    out = rows.ranking.left_out
    if not out:
        return ""
    return f"{count(out, 'item')} that one of them has not labelled {'is' if out == 1 else 'are'} left out."


def _apart_in_words(rows: SameRows) -> str:
    if not rows.apart:
        return ""
    return f"{_names(rows.apart)} labelled too few of the same items to be compared."


def _names(annotators: Sequence[Annotator]) -> str:
    names: Mapping[int, str] = dict(enumerate(one.name for one in annotators))
    if len(names) > _NAMED:
        return f"{len(names)} others"
    *most, last = names.values()
    return f"{', '.join(most)} and {last}" if most else last
