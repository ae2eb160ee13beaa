"""How far people agree among themselves: what a model can be held to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from core.exporters.figures import number, percent_interval, with_interval
from core.metrics import against_rest, alpha_from_counts, fleiss_kappa
from core.model import Annotator, AnnotatorKind, Estimate, Split
from core.plural import count
from core.services.agreement.pairings import pairing_of
from core.services.agreement.together import MEASURES, together
from core.services.common.asked import not_asked
from core.services.common.same_rows import same_values
from core.services.common.sources import Vocabulary
from core.services.common.tables import headline, splits_of
from core.services.common.titles import titled
from core.storage import annotators, same_rows, values
from core.storage.engine import Connection
from core.storage.kept import until_news

_REMEMBERED = 32
_PAIRED = 6
"""So many people, those who labelled most, are held against each other two by two."""
Said = tuple[tuple[tuple[tuple[int, str], ...], int], ...]
"""`(who said what, in canonical form, on how many items)`"""


@dataclass(frozen=True)
class People:
    """Two people or imports, or more, on the items that at least two of them have labelled.

    `alpha` is Krippendorff's over all of them, `fleiss` Fleiss' kappa on the items that all of them have labelled,
    `against` how often each one's label is another's on the same item, in the order of `annotators`.
    """

    annotators: tuple[Annotator, ...]
    alpha: Estimate
    fleiss: Estimate
    against: tuple[Estimate, ...]
    pairs: tuple[tuple[str, Estimate], ...] = ()
    """Where what is said is open, instead of these: the headline of each two of them, by both names."""
    measure: str = ""
    together: Estimate | None = None
    """And what all of them have together, as `how_together` names it; None where the kind of question has none."""
    how_together: str = ""

    def sentence(self) -> str:
        """All of them together in one clause."""
        if self.pairs:
            return self._sentence_of_pairs()
        if len(self.annotators) == 2:
            one, other = self.annotators
            said = f"{one.name} and {other.name} agree with each other on {percent_interval(self.against[0])}"
            return f"{said} of {self.against[0].n:,}"
        return (
            f"the {len(self.annotators)} people agree with each other with alpha {with_interval(self.alpha)} "
            f"on {count(self.alpha.n, 'item')}"
        )

    def _sentence_of_pairs(self) -> str:
        who, how = self.pairs[0]
        if len(self.pairs) == 1:
            return f"{who} have {self.measure} {with_interval(how)} with each other"
        if self.together is not None and self.together.value is not None:
            told = f"{self.how_together} {with_interval(self.together)}"
            return f"the {len(self.annotators):,} people have {told} on {count(self.together.n, 'item')}"
        values = [one.value for _, one in self.pairs if one.value is not None]
        if not values:
            return f"no two people have {self.measure} with each other"
        return f"two people have {self.measure} {number(min(values))} to {number(max(values))} with each other"

    def rows(self) -> list[tuple[str, str, Estimate]]:
        """`(who, what, how much)`, for tables and files: of two there is nothing that their own figure does not say."""
        if len(self.annotators) < 3:
            return []
        everyone = f"all {len(self.annotators):,} people"
        if self.pairs:
            all_of_them = [(everyone, self.how_together, self.together)] if self.together else []
            return [*all_of_them, *((who, self.measure, how) for who, how in self.pairs)]
        found = [(everyone, "Krippendorff's alpha", self.alpha), (everyone, "Fleiss' kappa", self.fleiss)]
        alone = [
            (one.name, "Agrees with the others", how) for one, how in zip(self.annotators, self.against, strict=True)
        ]
        return [*found, *alone]


def people(conn: Connection, project_id: int, split: Split | None) -> People | None:
    """None where there are not two who have labelled anything in common."""
    counts = annotators.annotated_counts(conn, project_id)
    everyone = [
        one for one in titled(conn, project_id).values() if one.kind is not AnnotatorKind.MODEL and counts.get(one.id)
    ]
    if Vocabulary(conn, project_id).need not in ("table", "scale"):
        return _by_pairs(conn, project_id, sorted(everyone, key=lambda one: -counts[one.id]), split)
    ids = [one.id for one in everyone]
    if len(ids) < 2:
        return None
    found = _said_by(conn, project_id, ids, split)
    same, text = same_values(conn, project_id), values.every(conn, values.question_of(conn, project_id))
    # By what was said, not by its number: intervals are drawn in this order, whoever said what first.
    found = sorted(found, key=lambda one: ",".join(f"{who} {text[value]}" for who, value in one[0]))
    said = tuple((tuple((who, text[same.get(value, value)]) for who, value in pattern), n) for pattern, n in found)
    present = sorted({who for pattern, _ in said for who, _ in pattern})
    if len(present) < 2:
        return None
    alpha, fleiss, against = _figures(said, tuple(present))
    return People(tuple(everyone[place] for place in present), alpha, fleiss, against)


def _said_by(
    conn: Connection, project_id: int, ids: Sequence[int], split: Split | None
) -> list[tuple[tuple[tuple[int, int], ...], int]]:
    """Which of them gave which value, on how many items; without what one of them is not asked any more."""
    but = not_asked(conn, ids)
    question = ("people", *ids, split, but)
    return until_news(conn, question, lambda: same_rows.values_of(conn, ids, split, but), dealt_in=project_id)


def _by_pairs(conn: Connection, project_id: int, everyone: Sequence[Annotator], split: Split | None) -> People | None:
    """Nearly everybody says something else where much can be said, so what counts is how near two of them are."""
    everyone = [one for one in everyone if split is None or split in splits_of(conn, project_id, one.id)]
    measure, found, present = headline(conn, project_id).title, [], set[int]()
    for one, other in combinations(everyone[:_PAIRED], 2):
        pair = pairing_of(conn, project_id, one.id, other.id, split, (), not_asked(conn, (one.id, other.id)))
        if pair.n:
            present |= {one.id, other.id}
            found.append((f"{one.name} and {other.name}", next(iter(pair.figures.values()))))
    if not found:
        return None
    none = Estimate(None, 0, undefined="what is said is open")
    need = Vocabulary(conn, project_id).need
    all_of_them = together(conn, project_id, everyone, split) if len(everyone) > 2 else None
    shown = tuple(everyone if all_of_them is not None else (one for one in everyone if one.id in present))
    return People(shown, none, none, (), tuple(found), measure, all_of_them, MEASURES.get(need, ""))


@lru_cache(_REMEMBERED)
def _figures(said: Said, present: tuple[int, ...]) -> tuple[Estimate, Estimate, tuple[Estimate, ...]]:
    every = sorted({value for pattern, _ in said for _, value in pattern}, key=lambda value: (len(value), value))
    column = {value: place for place, value in enumerate(every)}
    counts, items = _counts(said, column), np.array([n for _, n in said])
    by_all = counts.sum(axis=1) == len(present)
    fleiss = fleiss_kappa(counts[by_all], items[by_all])
    if not by_all.any():
        fleiss = Estimate(None, 0, undefined="no item was labelled by all of them")
    against = []
    for who in present:
        its = [(row, column[dict(pattern)[who]]) for row, (pattern, _) in enumerate(said) if who in dict(pattern)]
        rows = [row for row, _ in its]
        against.append(against_rest(counts[rows], [own for _, own in its], items[rows]))
    return alpha_from_counts(counts, items), fleiss, tuple(against)


def _counts(said: Said, column: dict[str, int]) -> np.ndarray:
    counts = np.zeros((len(said), len(column)), dtype=np.int64)
    for row, (pattern, _) in enumerate(said):
        for _, value in pattern:
            counts[row, column[value]] += 1
    return counts
