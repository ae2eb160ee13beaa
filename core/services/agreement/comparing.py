"""Compare: did it get better on the same items?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from core.errors import WorkbenchError
from core.metrics import Comparison, Contingency, LabelDifference, LabelScore, compare, per_label
from core.model import Annotator, AnnotatorKind, FineTune, Item, Outcome, PromptVersion, Split
from core.prompts import Change, diff_words
from core.services.agreement.people import People, people
from core.services.asking.costing import Costs, LabelCost
from core.services.common.door import door
from core.services.common.looking import count_comparison
from core.services.common.lookup import project_of
from core.services.common.tables import labels_in_order, pairs_by_name, splits_of
from core.services.common.taught import counted, left_out
from core.services.common.titles import titled_of
from core.services.review.queues import QueueFilter, as_scored
from core.storage import (
    annotations,
    annotators,
    fine_tunes,
    items,
    looks,
    prompt_versions,
    review,
    run_figures,
    runs,
    tasks,
)
from core.storage.annotations import Triple
from core.storage.engine import Connection, Database
from core.storage.kept import until_news

_REMEMBERED = 64
LOOKS = (
    "The first look at the same two is read at .04 and each later one more strictly, so that all of them together call "
    "two equal ones different at most 5 % of the time (alpha spending, Lan & DeMets 1983)."
)


@dataclass(frozen=True)
class Side:
    """One of the two, with where it came from."""

    annotator: Annotator
    version: PromptVersion | None
    fine_tune: FineTune | None
    labels: tuple[LabelScore, ...]
    prompt_tokens: int
    completion_tokens: int
    """Of all of its runs."""
    cost: LabelCost
    """What its labels of the compared items cost, each as much as an item of the run it comes from."""
    is_free: bool = False

    def answered(self, label: str) -> int:
        """On how many of the compared items it gave this label."""
        return sum(score.predicted for score in self.labels if score.label == label)


@dataclass(frozen=True)
class ComparisonView:
    """A against B with one reference on the items all three have labelled."""

    a: Side
    b: Side
    reference: Annotator
    split: Split | None
    figures: Comparison
    looks: int
    fallback: str
    look: int = 1
    """The how-manieth look at these two on this split it is; only looks at test are counted."""
    taught: int = 0
    """How many items all three have labelled are left out, one of them having been taught them."""
    whole: int = 0
    """How many items of the split the reference has labelled."""
    lacking: tuple[int, int] = (0, 0)
    """How many of these A has not labelled, and how many B."""
    people: People | None = None
    """How people agree among themselves on the split, where there are two."""

    def lacking_sentence(self) -> str:
        """How many of the reference's items either has not labelled; empty where both have labelled all."""
        a, b = self.lacking
        if not a and not b:
            return ""
        said = f"Of the {self.whole:,} items {self.reference.name} has labelled, A lacks {a:,} and B {b:,}"
        return f"{said}: they are left out."

    def taught_sentence(self) -> str:
        """How many items are left out since a model was taught them; empty where none is."""
        return counted(self.figures.n, self.figures.n + self.taught)

    def conclusion(self) -> str:
        """The result in one sentence; claims nothing the test does not carry."""
        return _conclusion(self)

    def notes(self) -> str:
        """What has to be known to read it, in sentences."""
        said = (self.caveat(), self.lacking_sentence(), self.taught_sentence(), self.fallback_sentence())
        return " ".join(filter(None, said))

    def caveat(self) -> str:
        """Where the interval of the difference and the test say different things: why, and which decides; else ""."""
        figures = self.figures
        if not figures.at_odds:
            return ""
        tells, silent = "leaves out 0", "does not tell the two apart"
        if figures.distinguishable:
            tells, silent = "includes 0", "tells the two apart"
        n = figures.test.discordant
        words = f"The interval of the difference {tells}, yet the test {silent}. The test looks only at the {n:,} "
        words += f"{'item' if n == 1 else 'items'} on which just one of them is right"
        stricter = (
            "" if figures.distinguishable else f", and at the level of {spoken_level(figures.level)} it is stricter"
        )
        return f"{words}{stricter}. The test decides."

    def level_in_words(self) -> str:
        """Below which mid-p the two are told apart, and what the exact test says."""
        figures = self.figures
        tells = f"below {spoken_level(figures.level)} tells them apart"
        return f"{tells}; {_exact(figures)}; n = {figures.n:,}"

    def method(self) -> str:
        """Which test it is, and how looking again changes the level it is read at."""
        return f"{self.figures.test.title}, read at mid-p. {LOOKS}"

    def people_sentence(self) -> str:
        """What people agree on among themselves, which a model can be held to; empty where there are not two."""
        return f"On the same split {self.people.sentence()}." if self.people else ""

    def labels_note(self) -> str:
        """How the differences label by label came about."""
        given = sum(one.support > 0 for one in self.a.labels)
        labels = "1 label" if given == 1 else f"{given:,} labels"
        return (
            "95 % intervals: F1 by Wilson from IoU, B − A from a Dirichlet posterior. The test is McNemar's mid-p on "
            f"who gives the label exactly where {self.reference.name} does, adjusted for {labels} (Holm), "
            f"read at {spoken_level(self.figures.level)}. A difference is rough where fewer than 25 items are "
            "discordant or the label has fewer than 10."
        )

    def fallback_sentence(self) -> str:
        """How often each answered the fallback on these items."""
        a, b = (side.answered(self.fallback) for side in (self.a, self.b))
        if not a and not b:
            return f"Neither answered {self.fallback}."
        return f"A answered {self.fallback} {_times(a)}, B {_times(b)}."

    def prompt_diff(self) -> dict[str, list[Change]] | None:
        """From A's prompt to B's, by message; None where a side has none or both have the same."""
        a, b = self.a.version, self.b.version
        if a is None or b is None or a.id == b.id:
            return None
        return {"system": diff_words(a.system, b.system), "user": diff_words(a.user, b.user)}


@dataclass(frozen=True)
class Case:
    item: Item
    reference: str
    a: str
    b: str


@door
class Comparing:
    def __init__(self, db: Database, costs: Costs) -> None:
        self._db, self._costs = db, costs

    def view(self, project_id: int, reference_id: int, a_id: int, b_id: int, split: Split | None) -> ComparisonView:
        """Raises `WorkbenchError` where the three are not three. On test each model of them is a look, counted."""
        if len({reference_id, a_id, b_id}) < 3:
            raise WorkbenchError("A, B and the reference must be three different annotators.", "Choose others.")
        look = self._look(project_id, reference_id, a_id, b_id, split)
        with self._db.read() as conn:
            but = left_out(conn, (reference_id, a_id, b_id), split)
            every = _on(split, _triples(conn, project_id, (reference_id, a_id, b_id)))
            triples = _on(split, _triples(conn, project_id, (reference_id, a_id, b_id), but))
            names = labels_in_order(conn, project_id, {label for triple in triples for label in triple[:3]})
            pairs = [(names[r], names[a], names[b], n) for r, a, b, n in triples]
            labels = tuple(dict.fromkeys(names.values()))
            found = [_lacks(conn, project_id, reference_id, one, split) for one in (a_id, b_id)]
            whole, lacking = found[0][0], [lacks for _, lacks in found]
            return ComparisonView(
                a=self._side(conn, a_id, (reference_id, b_id), split, [(r, a, n) for r, a, _, n in pairs], labels),
                b=self._side(conn, b_id, (reference_id, a_id), split, [(r, b, n) for r, _, b, n in pairs], labels),
                reference=titled_of(conn, reference_id),
                split=split,
                figures=_figures(tuple(pairs), labels, look),
                look=look,
                looks=looks.look_count(conn, project_id),
                fallback=tasks.task(conn, project_id).fallback.name,
                taught=sum(triple[3] for triple in every) - sum(triple[3] for triple in triples),
                whole=whole,
                lacking=(lacking[0], lacking[1]),
                people=people(conn, project_id, split),
            )

    def cases(
        self,
        project_id: int,
        reference_id: int,
        a_id: int,
        b_id: int,
        split: Split | None,
        outcome: Outcome,
        limit: int = 50,
    ) -> list[Case]:
        """The items of one outcome, in a seeded order. On test the same looks as `view`."""
        self._look(project_id, reference_id, a_id, b_id, split)
        three = (reference_id, a_id, b_id)
        with self._db.read() as conn:
            where = as_scored(conn, QueueFilter(split=split, outcome=(outcome, *three)))
            ids = until_news(
                conn,
                ("cases", outcome, *three, split, limit, where.but),
                lambda: review.queue(conn, project_id, where, uncertain_first=False)[:limit],
                dealt_in=project_id,
            )
            found = items.get_many(conn, ids)
            every = [annotations.label_ids_of(conn, who, ids) for who in three]
            names = labels_in_order(conn, project_id, {label for one in every for label in one.values()})
            return [Case(found[i], *(names[one[i]] for one in every)) for i in ids]

    def _look(self, project_id: int, reference_id: int, a_id: int, b_id: int, split: Split | None) -> int:
        """Count it where test items are among those that all three have labelled; the how-manieth look it is."""
        if split not in (Split.TEST, None) or not self.shared(project_id, reference_id, a_id, b_id)[Split.TEST]:
            return 1
        return count_comparison(self._db, project_id, reference_id, a_id, b_id, split)

    def shared(self, project_id: int, reference_id: int, a_id: int, b_id: int) -> dict[Split, int]:
        """How many items of each split all three have labelled. No score is shown, so this is no look."""
        with self._db.read() as conn:
            three = (reference_id, a_id, b_id)
            by_split = {split: _triples(conn, project_id, three, left_out(conn, three, split)) for split in Split}
        return {split: sum(triple[3] for triple in found.get(split, ())) for split, found in by_split.items()}

    def _side(
        self,
        conn: Connection,
        annotator_id: int,
        others: tuple[int, int],
        split: Split | None,
        pairs: Sequence[tuple[str, str, int]],
        labels: tuple[str, ...],
    ) -> Side:
        annotator = titled_of(conn, annotator_id)
        but = left_out(conn, (annotator_id, *others), split)
        its_runs = {run.id: run for run in runs.of_annotator(conn, annotator_id)}
        found = {}
        if its_runs:
            found = until_news(
                conn,
                ("behind", annotator_id, *others, split, but),
                lambda: run_figures.behind(conn, annotator_id, others, split, but),
                dealt_in=annotator.project_id,
            )
        spent = [
            self._costs.spent(run, run_figures.asked(conn, run)).of_items(found[run_id])
            for run_id, run in its_runs.items()
            if run_id in found
        ]
        right = LabelCost(0.0, 0, sum(n for *_, n in pairs), sum(n for right, given, n in pairs if right == given))
        return Side(
            annotator=annotator,
            version=prompt_versions.version(conn, annotator.prompt_version_id) if annotator.prompt_version_id else None,
            fine_tune=fine_tunes.get(conn, annotator.fine_tune_id) if annotator.fine_tune_id else None,
            labels=_label_scores(tuple(pairs), labels),
            prompt_tokens=sum(run.prompt_tokens for run in its_runs.values()),
            completion_tokens=sum(run.completion_tokens for run in its_runs.values()),
            cost=sum(spent, right),
            is_free=bool(found) and all(self._costs.is_free(its_runs[run_id]) for run_id in found),
        )

    def looks(self, project_id: int) -> int:
        """How often scores on the test split have been shown so far."""
        with self._db.read() as conn:
            return looks.look_count(conn, project_id)

    def defaults(self, project_id: int) -> tuple[int | None, int | None, int | None]:
        """`(reference, A, B)`: the newest tuned model against its base with the same prompt, else the two newest.

        Models that labelled no split in common are a pair only where there is no other.
        """
        with self._db.read() as conn:
            reference = project_of(conn, project_id).reference_id
            counts = annotators.annotated_counts(conn, project_id)
            everyone = annotators.list_all(conn, project_id)
            models = [a for a in everyone if a.kind is AnnotatorKind.MODEL and counts.get(a.id) and a.id != reference]
            splits = {model.id: splits_of(conn, project_id, model.id) for model in models}
        a, b = _natural_pair(models, splits)
        others = [x.id for x in everyone if x.id != reference and counts.get(x.id) and x.id not in (a, b)]
        return reference, a if a is not None else next(iter(others), None), b


def _lacks(conn: Connection, project_id: int, reference: int, one: int, split: Split | None) -> tuple[int, int]:
    """`(items the reference has labelled, those of them the other has not)`."""
    pairs, _, missing = pairs_by_name(conn, project_id, reference, one, split, but=frozenset())
    return missing + sum(n for *_, n in pairs), missing


def _triples(
    conn: Connection, project_id: int, three: tuple[int, int, int], but: frozenset[int] = frozenset()
) -> dict[Split | None, list[Triple]]:
    question = ("triples", *three, but)
    return until_news(conn, question, lambda: annotations.triple_counts(conn, *three, but), dealt_in=project_id)


def _on(split: Split | None, triples: Mapping[Split | None, Sequence[Triple]]) -> list[Triple]:
    """Those of one split; without one, of all items."""
    if split is not None:
        return list(triples.get(split, ()))
    summed: dict[tuple[int, int, int], int] = {}
    for r, a, b, number in chain.from_iterable(triples.values()):
        summed[r, a, b] = summed.get((r, a, b), 0) + number
    return sorted((*labels, number) for labels, number in summed.items())


@lru_cache(_REMEMBERED)
def _figures(pairs: tuple[tuple[str, str, str, int], ...], labels: tuple[str, ...], look: int) -> Comparison:
    return compare(pairs, labels, look)


@lru_cache(2 * _REMEMBERED)
def _label_scores(pairs: tuple[tuple[str, str, int], ...], labels: tuple[str, ...]) -> tuple[LabelScore, ...]:
    return per_label(Contingency.from_pairs(pairs, labels))


def _natural_pair(models: Sequence[Annotator], splits: Mapping[int, frozenset[Split]]) -> tuple[int | None, int | None]:
    """`(A, B)` of models, oldest first, and the splits each has labelled in: see `Comparing.defaults`."""
    tuned = next((m for m in reversed(models) if m.fine_tune_id is not None), None)
    bases = [m for m in models if m.fine_tune_id is None]
    if tuned is not None and bases:
        common = splits[tuned.id]
        by_kinship = sorted(
            bases, key=lambda m: (bool(splits[m.id] & common), m.prompt_version_id == tuned.prompt_version_id)
        )
        return by_kinship[-1].id, tuned.id
    pairs = [(a.id, b.id) for after, b in enumerate(models) for a in models[:after]]
    meeting = [(a, b) for a, b in pairs if splits[a] & splits[b]]
    if pairs:
        return (meeting or pairs)[-1]
    return None, models[0].id if models else None


def _conclusion(view: ComparisonView) -> str:
    figures, a, b = view.figures, view.a.annotator.name, view.b.annotator.name
    if not figures.n:
        return f"{a}, {b} and {view.reference.name} have no items in common here yet."
    said = _test_in_words(view)
    if figures.distinguishable and figures.difference.value is not None:
        better, points = (
            (b, figures.difference.value) if figures.difference.value > 0 else (a, -figures.difference.value)
        )
        return f"{better} is better by {points * 100:.1f} points on the same {figures.n:,} items{said}."
    these = "this 1 item" if figures.n == 1 else f"these {figures.n:,} items"
    return f"Not distinguishable on {these}{said}. {what_they_can_show(figures)}"


def _test_in_words(view: ComparisonView) -> str:
    """` (McNemar mid-p = .012, exact p = .023; level .04)`, and from the second look on which one it is."""
    figures = view.figures
    if figures.test.mid_p is None:
        return f" ({figures.test.undefined})" if figures.test.undefined else ""
    look = "" if view.look == 1 else f" by alpha spending, since this is look {view.look} at these two"
    mid = f"McNemar mid-{spoken_p(figures.test.mid_p)}, {_exact(figures)}"
    return f" ({mid}; level {spoken_level(figures.level)}{look})"


def _exact(figures: Comparison) -> str:
    """`exact p = .023`, or the chi-square's where there are too many for the exact test."""
    name = "exact" if figures.test.title.startswith("McNemar, exact") else "chi-square"
    return f"{name} {spoken_p(figures.test.p or 0.0)}"


def what_they_can_show(figures: Comparison) -> str:
    """What so many items can tell, and how many a difference of this size takes, where that can be said."""
    if figures.shows_from is None:
        words = "The two differ on too few of them to show any difference."
    else:
        low, high = (f"{100 * end:.0f}" for end in figures.shows_from)
        between = f"about {low}" if low == high else f"{low} to {high}"
        words = f"This many items show a difference of {between} points four times out of five; "
        words += "showing half of that takes about four times as many."
    if figures.items_in_all:
        fewest, most = (f"{round_up(number):,}" for number in figures.items_in_all)
        words += f" A difference of the size seen takes about {fewest} to {most} items in all."
    return words


def label_in_words(one: LabelDifference) -> str:
    """`better, p = .003`, `p = .40`; a dash where there is nothing to test. The p is adjusted for all labels."""
    if one.p is None or one.difference.value is None:
        return "–"
    if not one.told:
        return spoken_p(one.p)
    return f"{'better' if one.difference.value > 0 else 'worse'}, {spoken_p(one.p)}"


def spoken_level(level: float) -> str:
    """`.04`, `.0061`."""
    return f"{level:.2g}".replace("0.", ".", 1)


def spoken_p(p: float) -> str:
    """`p = .012`, `p < .0001`: two significant digits, as p-values are written; never 0."""
    if p < 0.0001:
        return "p < .0001"
    return "p = " + (f"{p:.2f}" if p >= 0.095 else f"{p:.2g}").replace("0.", ".", 1)


def _times(number: int) -> str:
    return {0: "never", 1: "once"}.get(number, f"{number:,} times")


def round_up(number: int) -> int:
    """Two significant digits are all an estimate like this carries."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step
