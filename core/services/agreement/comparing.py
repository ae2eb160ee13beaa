"""Compare: did it get better on the same items?"""

from collections.abc import Sequence

from core.errors import WorkbenchError
from core.model import AnnotatorKind, Outcome, Split
from core.services.agreement.compared import OneSide, compared
from core.services.agreement.comparison import Case, ComparisonView, Side
from core.services.agreement.gating import Gating, gating_of
from core.services.agreement.people import people
from core.services.agreement.priced import Priced, priced
from core.services.agreement.triples import lacks, on_split, triples_of
from core.services.asking.costing import Costs, LabelCost
from core.services.common.asked import asked_of_some, not_asked, some_in_words
from core.services.common.door import door
from core.services.common.looking import count_comparison
from core.services.common.lookup import project_of
from core.services.common.natural_pair import natural_pair
from core.services.common.sources import counts_pairs
from core.services.common.tables import splits_of
from core.services.common.taught import any_nearly, left_out
from core.services.common.titles import titled_of
from core.services.common.values import Sayings, counting_as, kind_of, of_one_name
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
    uploads,
)
from core.storage.engine import Connection, Database
from core.storage.kept import until_news
from core.tasks import TASKS


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
            three = (reference_id, a_id, b_id)
            every = on_split(split, triples_of(conn, project_id, three, not_asked(conn, three)))
            found = compared(conn, project_id, three, split, look)
            whole, a_lacks = lacks(conn, project_id, reference_id, a_id, split)
            _, b_lacks = lacks(conn, project_id, reference_id, b_id, split)
            task = tasks.task(conn, project_id)
            return ComparisonView(
                a=self._side(conn, a_id, (reference_id, b_id), split, found.a),
                b=self._side(conn, b_id, (reference_id, a_id), split, found.b),
                reference=titled_of(conn, reference_id),
                split=split,
                figures=found.comparison,
                look=look,
                looks=looks.look_count(conn, project_id),
                fallback=task.fallback.name if counts_pairs(TASKS[task.type]) else "",
                taught=sum(triple[3] for triple in every) - found.comparison.n,
                nearly=any_nearly(conn, three, split),
                kind=task.type,
                right=found.right,
                whole=whole,
                lacking=(a_lacks, b_lacks),
                asked_of_some=some_in_words(conn, project_id, asked_of_some(conn, three, split), "some of the three"),
                people=people(conn, project_id, split),
            )

    def gate(
        self,
        project_id: int,
        reference_id: int,
        a_id: int,
        b_id: int,
        split: Split | None,
        margin: float,
        upto: int | None = None,
    ) -> Gating:
        """Whether B is not worse than A by more than the margin, and what it has forgotten; with `upto` on the items
        that had come with that upload and those before it. On test the same looks as `view`.

        Raises `WorkbenchError` for a margin that is no share and for an upload that is gone.
        """
        if not 0 <= margin <= 1:
            raise WorkbenchError("The margin is a share from 0 to 1.", "Enter .02 for two in a hundred items.")
        look = self._look(project_id, reference_id, a_id, b_id, split)
        with self._db.read() as conn:
            later = self._later(conn, project_id, split, upto)
            return gating_of(compared(conn, project_id, (reference_id, a_id, b_id), split, look, later), margin)

    def _later(self, conn: Connection, project_id: int, split: Split | None, upto: int | None) -> frozenset[int]:
        """The items of the split that came after that upload."""
        if upto is None:
            return frozenset()
        upload = next((one for one in uploads.of_project(conn, project_id) if one.id == upto), None)
        if upload is None:
            raise WorkbenchError("That upload is no longer there.", "Choose another one, or all items.")
        return frozenset(item for item in items.ids_in(conn, project_id, split) if item > upload.last_item)

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
            same = counting_as(conn, project_id, of_one_name(conn, project_id))
            ids = until_news(
                conn,
                ("cases", outcome, *three, split, limit, where.but),
                lambda: review.queue(conn, project_id, where, same, uncertain_first=False)[:limit],
                dealt_in=project_id,
            )
            found = items.get_many(conn, ids)
            every = [annotations.value_ids_of(conn, who, ids) for who in three]
            sayings, words = Sayings(conn, project_id).about(ids), kind_of(conn, project_id).words
            return [Case(found[i], *(words(sayings[one[i]], found[i].text) for one in every)) for i in ids]

    def _look(self, project_id: int, reference_id: int, a_id: int, b_id: int, split: Split | None) -> int:
        """Count it where test items are among those that all three have labelled; the how-manieth look it is."""
        if split not in (Split.TEST, None) or not self.shared(project_id, reference_id, a_id, b_id)[Split.TEST]:
            return 1
        return count_comparison(self._db, project_id, reference_id, a_id, b_id, split)

    def shared(self, project_id: int, reference_id: int, a_id: int, b_id: int) -> dict[Split, int]:
        """How many items of each split all three have labelled. No score is shown, so this is no look."""
        with self._db.read() as conn:
            three = (reference_id, a_id, b_id)
            by_split = {split: triples_of(conn, project_id, three, left_out(conn, three, split)) for split in Split}
        return {split: sum(triple[3] for triple in found.get(split, ())) for split, found in by_split.items()}

    def _side(
        self,
        conn: Connection,
        annotator_id: int,
        others: tuple[int, int],
        split: Split | None,
        said: OneSide,
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
        right = LabelCost(0.0, 0, said.n, said.right)
        return Side(
            annotator=annotator,
            version=prompt_versions.version(conn, annotator.prompt_version_id) if annotator.prompt_version_id else None,
            fine_tune=fine_tunes.get(conn, annotator.fine_tune_id) if annotator.fine_tune_id else None,
            labels=said.labels,
            figures=said.figures,
            prompt_tokens=sum(run.prompt_tokens for run in its_runs.values()),
            completion_tokens=sum(run.completion_tokens for run in its_runs.values()),
            cost=sum(spent, right),
            is_free=bool(found) and all(self._costs.is_free(its_runs[run_id]) for run_id in found),
        )

    def priced(self, annotator_ids: Sequence[int], split: Split | None) -> list[Priced]:
        """What the labels of each cost, and how it came to give them. No score is shown, so this is no look."""
        with self._db.read() as conn:
            return [priced(conn, self._costs, one, split) for one in dict.fromkeys(annotator_ids)]

    def looks(self, project_id: int) -> int:
        """How often scores on the test split have been shown so far."""
        with self._db.read() as conn:
            return looks.look_count(conn, project_id)

    def defaults(self, project_id: int) -> tuple[int | None, int | None, int | None]:
        """`(reference, A, B)`: the newest tuned model against its base with the same prompt, else the two newest.

        Models that labelled no split in common are a pair only where there is no other. Where there are fewer than two,
        people take their place; nobody stands in two places, and where nobody is left there is None.
        """
        with self._db.read() as conn:
            reference = project_of(conn, project_id).reference_id
            counts = annotators.annotated_counts(conn, project_id)
            trials = annotators.trials_among(conn, project_id)
            everyone = [
                one for one in annotators.list_all(conn, project_id) if one.id not in trials and not one.is_golden
            ]
            models = [a for a in everyone if a.kind is AnnotatorKind.MODEL and counts.get(a.id) and a.id != reference]
            splits = {model.id: splits_of(conn, project_id, model.id) for model in models}
        a, b = natural_pair(models, splits)
        others = iter([x.id for x in everyone if x.id not in (reference, a, b) and counts.get(x.id)])
        a, b = (next(others, None) if one is None else one for one in (a, b))
        return next(others, None) if reference is None else reference, a, b
