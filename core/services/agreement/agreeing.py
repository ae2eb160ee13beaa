"""Agreement: how candidates stand against a reference on a split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import WorkbenchError
from core.exporters.figures import percent, percent_interval, with_interval
from core.metrics import METRICS, Confusion, Contingency, LabelScore, confusions, verbal
from core.model import Annotator, AnnotatorKind, Estimate, QuestionKind, Split
from core.services.agreement.pairing import Pairing
from core.services.agreement.pairings import pairing_of
from core.services.agreement.people import People, people
from core.services.agreement.positions import Position, positions
from core.services.common import same_rows
from core.services.common.asked import asked_of_some, some_in_words
from core.services.common.door import door
from core.services.common.looking import count_comparisons
from core.services.common.lookup import project_of
from core.services.common.same_rows import SameRows
from core.services.common.stamps import stamp
from core.services.common.tables import lacking, splits_of, taught_among
from core.services.common.taught import any_nearly, counted, left_out
from core.services.common.titles import titled, titled_of, titles
from core.storage import annotators, likenesses, looks, tasks, values
from core.storage.engine import Connection, Database


@dataclass(frozen=True)
class Candidate:
    """One candidate's figures. Of the `whole` of the reference's items of the split it has not labelled `missing`;
    `taught` more are left out because one of the two was taught them.

    Of several candidates all stand on the items that all of them have labelled, but for who is `apart`: that one
    labelled too few of those, stands on its own items, and is not comparable.
    """

    annotator: Annotator
    pairing: Pairing
    missing: int
    whole: int = 0
    taught: int = 0
    apart: bool = False
    nearly: bool = False
    """Whether some are left out since it was taught nearly the same text."""
    asked_of_one: str = ""
    """How many items were asked of one of the two alone, in a sentence; empty where every item is asked of both."""

    def taught_sentence(self) -> str:
        """How many items are left out since the model was taught them; empty where none is."""
        labelled = self.whole - self.missing
        return counted(labelled, labelled + self.taught, nearly=self.nearly)

    @property
    def n(self) -> int:
        """Items both have labelled."""
        return self.pairing.n

    @property
    def figures(self) -> Mapping[str, Estimate]:
        """By the keys of the metrics, the kind's headline first."""
        return self.pairing.figures

    @property
    def table(self) -> Contingency:
        """Of labels that stand alone; of others it is empty."""
        return self.pairing.table

    def labels(self) -> tuple[LabelScore, ...]:
        """Precision, recall, F1 and IoU of every label."""
        return self.pairing.labels()

    def answered(self, label: str) -> int:
        """How often the candidate gave this label on the items both have labelled."""
        return next((one.predicted for one in self.labels() if one.label == label), 0)

    def confusions(self, top: int = 5) -> tuple[Confusion, ...]:
        return confusions(self.table, top)


@dataclass(frozen=True)
class AgreementView:
    """Everything the page shows. `people` is how people (and imports) agree among themselves where there are two."""

    reference: Annotator
    split: Split | None
    candidates: tuple[Candidate, ...]
    people: People | None
    looks: int
    fallback: str
    same_rows: SameRows | None = None
    kind: QuestionKind = QuestionKind.SINGLE_LABEL
    positions: tuple[Position, ...] = ()
    """Of reference and candidates, where two candidates were compared in an order that is known."""

    def on_same_rows(self) -> list[str]:
        """Of several: which is best, how far that is to be trusted, and which items are left out."""
        return self.same_rows.sentences() if self.same_rows is not None else []

    def sentence(self) -> str:
        """The first candidate in words."""
        return _sentence(self)

    def rows(self) -> list[dict[str, object]]:
        """Every figure with what it takes to read it, one a row: for files."""
        return [
            self._row(self.reference.name, candidate.annotator.name, METRICS[key].title, figure)
            | {
                "left out": " ".join(filter(None, (candidate.taught_sentence(), candidate.asked_of_one))),
                "comparable": "no: on other items" if candidate.apart else "yes",
            }
            for candidate in self.candidates
            for key, figure in candidate.figures.items()
        ]

    def people_rows(self) -> list[dict[str, object]]:
        """How three people or more agree among themselves, as `rows` has it."""
        among_people = self.people.rows() if self.people else []
        return [
            self._row("people among themselves", who, what, figure) | {"left out": "", "comparable": ""}
            for who, what, figure in among_people
        ]

    def position_rows(self) -> list[dict[str, object]]:
        """How often what was shown first is preferred, and how often that changes with the order, as `rows` has it."""
        return [
            self._row("", one.annotator.name, what, figure) | {"left out": "", "comparable": ""}
            for one in self.positions
            for what, figure in (
                ("Prefers the one shown first", one.preferred_first),
                ("Changes with order", one.flipped),
            )
            if figure is not None
        ]

    def _row(self, reference: str, candidate: str, metric: str, figure: Estimate) -> dict[str, object]:
        return {
            "reference": reference,
            "candidate": candidate,
            "split": str(self.split) if self.split else "all",
            "metric": metric,
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "n": figure.n,
            "interval": figure.interval,
            "undefined": figure.undefined,
            "rough": figure.rough,
        }

    def label_rows(self) -> list[dict[str, object]]:
        """Every label's scores of every candidate, one label a row: for files."""
        return [
            {
                "reference": self.reference.name,
                "candidate": candidate.annotator.name,
                "split": str(self.split) if self.split else "all",
                **_flat(score),
                "comparable": "no: on other items" if candidate.apart else "yes",
            }
            for candidate in self.candidates
            for score in candidate.labels()
        ]


@door
class Agreement:
    def __init__(self, db: Database) -> None:
        self._db = db

    def view(
        self, project_id: int, reference_id: int, candidate_ids: Sequence[int], split: Split | None
    ) -> AgreementView:
        """The figures of each candidate against the reference. On test each model among them is a look, and counted."""
        if not candidate_ids:
            raise WorkbenchError("No candidate is chosen.", "Choose one or more annotators to compare.")
        look = 1
        if split in (Split.TEST, None):
            others = [one for one in candidate_ids if one != reference_id]
            look = count_comparisons(self._db, project_id, reference_id, others, split)
        with self._db.read() as conn:
            reference = titled_of(conn, reference_id)
            every = titled(conn, project_id)
            chosen = [every[one] for one in dict.fromkeys(candidate_ids) if one != reference_id]
            rows = same_rows.of_annotators(conn, project_id, reference_id, chosen, split, look)
            candidates = tuple(_candidate(conn, reference, one, split, rows) for one in chosen)
            among_people = people(conn, project_id, split)
            fallback = tasks.task(conn, project_id).fallback.name
            seen = looks.look_count(conn, project_id)
            kind = values.question_of(conn, project_id).kind
            where = positions(conn, project_id, [reference, *chosen], split)
            return AgreementView(reference, split, candidates, among_people, seen, fallback, rows, kind, where)

    def looks(self, project_id: int) -> int:
        """How often the test split has been looked at; asking is none."""
        with self._db.read() as conn:
            return looks.look_count(conn, project_id)

    def stamp(self, project_id: int) -> str:
        """Changes whenever any figure of the project could: a new annotation, a label renamed, items dealt anew."""
        with self._db.read() as conn:
            labels = tasks.all_labels(conn, project_id)
            names = sorted(tasks.label_names(conn, project_id).items())
            called = titles(annotators.list_all(conn, project_id))
            return repr((stamp(conn, project_id), labels, names, called, likenesses.newest(conn)))

    def defaults(self, project_id: int, split: Split | None) -> tuple[int | None, list[int]]:
        """The project's reference, and everybody else who has labelled anything: models last to first, then people.

        Those without a label on `split` come after all who have one.
        """
        with self._db.read() as conn:
            reference = project_of(conn, project_id).reference_id
            trials = annotators.trials_among(conn, project_id)
            everyone = [
                one for one in annotators.list_all(conn, project_id) if one.id not in trials and not one.is_golden
            ]
            counts = annotators.annotated_counts(conn, project_id)
            models = [a.id for a in reversed(everyone) if a.kind is AnnotatorKind.MODEL and counts.get(a.id)]
            persons = [
                a.id for a in everyone if a.kind is not AnnotatorKind.MODEL and a.id != reference and counts.get(a.id)
            ]
            labelled = {one: splits_of(conn, project_id, one) for one in (*models, *persons)} if split else {}
        return reference, sorted([*models, *persons], key=lambda one: split is not None and split not in labelled[one])


def _candidate(
    conn: Connection, reference: Annotator, candidate: Annotator, split: Split | None, rows: SameRows
) -> Candidate:
    project_id, two = reference.project_id, (reference.id, candidate.id)
    among = rows.compared if len(rows.compared) > 1 and candidate.id in rows.compared else ()
    but = left_out(conn, two, split)
    whole, missing = lacking(conn, project_id, *two, split, but)
    stands = pairing_of(conn, project_id, *two, split, among, rows.but if among else but)
    taught = taught_among(conn, project_id, *two, split)
    is_apart = stands.n > 0 and candidate.id not in rows.compared
    nearly = taught > 0 and any_nearly(conn, two, split)
    alone = some_in_words(conn, project_id, asked_of_some(conn, two, split), "one of the two")
    return Candidate(candidate, stands, missing, whole, taught, is_apart, nearly, alone)


def _flat(score: LabelScore) -> dict[str, object]:
    flat: dict[str, object] = {"label": score.label, "support": score.support, "predicted": score.predicted}
    for name in ("precision", "recall", "f1", "iou"):
        figure: Estimate = getattr(score, name)
        flat |= {
            name: figure.value,
            f"{name} low": figure.low,
            f"{name} high": figure.high,
            f"{name} n": figure.n,
            f"{name} interval": figure.interval,
            f"{name} undefined": figure.undefined,
        }
    return flat


def _sentence(view: AgreementView) -> str:
    where = f"{view.split} items" if view.split else "items"
    if not view.candidates:
        return "Choose a candidate to compare with the reference."
    # Who labelled a handful of other items is not the one to begin with.
    first = next((one for one in view.candidates if one.n and not one.apart), view.candidates[0])
    (key, told), kappa = next(iter(first.figures.items())), first.figures.get("kappa")
    if told.value is None:
        return f"{first.annotator.name} and {view.reference.name} have no {where} in common yet."
    where = where.removesuffix("s") if told.n == 1 else where
    if key != same_rows.SCORE:
        return _by_headline(view, first, where)
    text = f"On {told.n:,} {where}, {first.annotator.name} agrees with {view.reference.name} on "
    text += percent_interval(told)
    if kappa is not None and kappa.value is not None:
        text += f", kappa {with_interval(kappa)}: {verbal(kappa.value)}"
    if view.people is not None and {a.id for a in view.people.annotators} != {first.annotator.id, view.reference.id}:
        text += f"; {view.people.sentence()}"
    return text + "."


def _by_headline(view: AgreementView, first: Candidate, where: str) -> str:
    """Where agreement is more than all or nothing: the headline, and how often they say exactly the same."""
    key, told = next(iter(first.figures.items()))
    same = percent(first.pairing.agreements / first.n)
    text = f"On {first.n:,} {where}, {first.annotator.name} against {view.reference.name}: {METRICS[key].within} "
    text += f"{with_interval(replace(told, rough=''))}{' (rough)' if told.rough else ''}"
    text += f"; they say exactly the same on {same}"
    if view.people is not None and {a.id for a in view.people.annotators} != {first.annotator.id, view.reference.id}:
        text += f"; {view.people.sentence()}"
    return text + "."
