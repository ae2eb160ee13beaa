"""The model card of a fine-tune, from what is stored of it and what its model was measured at."""

from collections.abc import Iterator, Mapping, Sequence

from core.exporters.figures import percent, with_interval
from core.finetune import METHODS
from core.hosts.profiles import EMBEDDED
from core.metrics import METRICS
from core.model import Annotator, AnnotatorKind, Estimate, FineTune, PromptVersion, QuestionKind, Split, Task
from core.plural import count
from core.portable import ModelCard, Score, ScoreRow, TaughtFile, licence_of
from core.services.agreement.agreeing import Agreement, AgreementView, Candidate
from core.services.common.looking import agreeing, count_looks, unseen
from core.services.common.lookup import project_of, version_of
from core.services.common.titles import titles
from core.services.common.training_files import TRAIN, VALIDATION, files_of_job
from core.services.hosts.connections import Hosts
from core.services.hosts.models import tuned_title
from core.services.hosts.retiring import Retirements
from core.services.learning.fine_tuning import WRITES_ONLY, method_of, writes_only
from core.services.learning.lineage import LINEAGE
from core.storage import annotators, fine_tunes, projects, tasks
from core.storage.engine import Connection, Database

FEW_LINES = 10
_USUAL, _MOST_FIGURES = ("accuracy", "kappa", "macro_f1"), 3
PIPELINES: Mapping[QuestionKind, str] = {
    QuestionKind.SINGLE_LABEL: "text-classification",
    QuestionKind.SEVERAL_LABELS: "text-classification",
    QuestionKind.RATING: "text-classification",
    QuestionKind.SPANS: "token-classification",
    QuestionKind.TEXT: "text-generation",
}
"""What the Hub calls a model for such questions."""


class Describing:
    """Cards of fine-tunes. What a card says of test is a look, counted as everywhere."""

    def __init__(self, db: Database, hosts: Hosts, retirements: Retirements) -> None:
        self._db, self._hosts, self._retirements = db, hosts, retirements
        self._agreement = Agreement(db)

    def looks_ahead(self, job: FineTune) -> int:
        """As how many looks at test a card with its figures on test would count now."""
        with self._db.read() as conn:
            reference = reference_of(conn, job)
            return len(unseen(conn, job.project_id, agreeing(conn, job.project_id, reference, asked_models(conn, job))))

    def card(self, job: FineTune, *, with_test: bool) -> ModelCard:
        with self._db.read() as conn:
            project, version = project_of(conn, job.project_id), version_of(conn, job.prompt_version_id)
            task, everyone = tasks.task(conn, job.project_id), annotators.list_all(conn, job.project_id)
            measured, reference = asked_models(conn, job), reference_of(conn, job)
            dealt, behind = projects.split_config(conn, job.project_id) or {}, fine_tunes.with_bases(conn, [job.id])
        called = titles(everyone)
        views = self._views(job, reference, measured, with_test=with_test)
        host = self._title(job)
        return ModelCard(
            name=f"{project.name}: {tuned_title(job)}",
            project=project.name,
            question=project.question,
            kind=str(task.type),
            pipeline=PIPELINES.get(task.type, ""),
            base_model=job.base_model,
            tuned_model=job.fine_tuned_model or "",
            host=host,
            licence=licence_of(_root(job, behind)),
            created=job.created_at.date(),
            finished=job.finished_at.date() if job.finished_at else None,
            method=METHODS[method_of(job)].title,
            teacher=called.get(job.annotator_id, "?"),
            labels=_labels(job, task, project.question),
            guidelines=task.guidelines,
            files=_files(job),
            splits=_splits(job, dealt),
            masking=_masking(job),
            parameters=_parameters(job),
            prompt_title=version.title,
            system=version.system,
            user=version.user,
            n_examples=len(version.examples),
            reference=called.get(reference, "?"),
            rows=[row for view in views for row in _rows(view, job)],
            per_label=_per_label(views, job),
            notes=list(_notes(views, with_test=with_test)),
            lineage=[self._step(one) for one in sorted(behind, key=lambda one: one.id)] if len(behind) > 1 else [],
            limits=list(self._limits(job, version, task)),
            ids={"Job at the host": job.host_job_id} if job.host_job_id else {},
        )

    def _views(self, job: FineTune, reference: int, measured: Sequence[int], *, with_test: bool) -> list[AgreementView]:
        """On validation, and on test where that is asked for; only where somebody was measured."""
        if not measured or writes_only(job):
            return []
        splits = [Split.VALIDATION, *([Split.TEST] if with_test else [])]
        if with_test:
            with self._db.read() as conn:
                pairs = agreeing(conn, job.project_id, reference, measured)
            count_looks(self._db, job.project_id, pairs)
        found = [self._agreement.view(job.project_id, reference, measured, split) for split in splits]
        return [view for view in found if any(one.n for one in view.candidates)]

    def _title(self, job: FineTune) -> str:
        return str((job.config.get("origin") or {}).get("host_title") or self._hosts.title(job.host))

    def _step(self, job: FineTune) -> str:
        became = job.fine_tuned_model or str(job.status)
        return (
            f"{tuned_title(job)}: {job.base_model} became {became} on {self._title(job)}, {job.created_at:%Y-%m-%d}, "
            f"from {count(job.n_train, 'training line')}."
        )

    def _limits(self, job: FineTune, version: PromptVersion, task: Task) -> Iterator[str]:
        if job.host == EMBEDDED.key:
            yield EMBEDDED.about
        if writes_only(job):
            yield WRITES_ONLY
        if all_asked := job.config.get("per_question"):
            yield f"It answers {count(len(all_asked), 'question')} at once: {', '.join(all_asked)}."
        few = [
            f"{question}: {name}" if question else name
            for question, counted in {"": job.config.get("per_label") or {}, **(all_asked or {})}.items()
            for name, number in counted.items()
            if number < FEW_LINES
        ]
        if few:
            yield f"Taught fewer than {FEW_LINES} lines: {', '.join(few)}."
        yield "Its figures hold for items like those of the project, answered as its reference answers."
        if version.examples:
            yield f"The prompt has {count(len(version.examples), 'worked example')}, which it was taught with."
        if not job.config.get("with_fallback", True):
            yield f"It was not taught to answer {task.fallback.name}."
        known = {host.key: host for host in self._hosts.all()}
        if job.host in known and (
            end := self._retirements.of(known[job.host], job.fine_tuned_model or job.base_model)
            or self._retirements.of(known[job.host], job.base_model)
        ):
            yield f"Its host shuts it down on {end.day:%Y-%m-%d} ({end.source})."


def asked_models(conn: Connection, job: FineTune) -> list[int]:
    """The annotators that are the tuned model and its base, asked with the prompt it was taught with; those that were
    ever run, the tuned one first."""
    asked = [
        one
        for one in annotators.list_all(conn, job.project_id)
        if one.kind is AnnotatorKind.MODEL
        and not one.is_golden
        and (one.host, one.prompt_version_id) == (job.host, job.prompt_version_id)
    ]
    names = [name for name in (job.fine_tuned_model, job.base_model) if name]
    return [one.id for name in names for one in asked if one.model == name]


def _root(job: FineTune, behind: Sequence[FineTune]) -> str:
    """The model that all began with, which was not tuned here."""
    before = job.config.get(LINEAGE)
    return str(before[0]) if before else min([job, *behind], key=lambda one: one.id).base_model


def reference_of(conn: Connection, job: FineTune) -> int:
    """Whom its model is held to: the project's reference, or whom it learned from."""
    return project_of(conn, job.project_id).reference_id or job.annotator_id


def _labels(job: FineTune, task: Task, question: str) -> list[tuple[str, str, int | None]]:
    taught = (job.config.get("per_question") or {}).get(question) or job.config.get("per_label") or {}
    known = [(one.name, one.description, taught.get(one.name)) for one in task.choices]
    names = {name for name, *_ in known}
    return [*known, *((name, "not in the task any more", n) for name, n in taught.items() if name not in names)]


def _files(job: FineTune) -> list[TaughtFile]:
    kept = files_of_job(job)
    told = [(TRAIN, job.n_train), *([(VALIDATION, job.n_validation)] if job.n_validation else [])]
    return [TaughtFile(name, lines, kept[name].sha256 if name in kept else "") for name, lines in told]


def _splits(job: FineTune, dealt: Mapping[str, object]) -> list[str]:
    shares = dealt.get("shares")
    told = [
        f"{count(job.n_train, 'line')} of the train split, {count(job.n_validation, 'line')} of validation, none of "
        "test: test items are never taught."
    ]
    if isinstance(shares, (list, tuple)) and len(shares) == 3:
        percents = " / ".join(percent(float(share)) for share in shares)
        told.append(f"Split into train / validation / test {percents}; near-identical texts are kept together.")
    if tokens := job.config.get("tokens"):
        told.append(f"About {int(tokens):,} tokens per epoch (characters / 4: an estimate).")
    return told


def _masking(job: FineTune) -> str:
    masking = job.config.get("masking") or {}
    kinds = [*masking.get("kinds", ()), *(["names"] if masking.get("names") else [])]
    return ", ".join(kinds) or "nothing"


def _parameters(job: FineTune) -> dict[str, object]:
    chosen = dict(job.config.get("parameters") or {})
    return {**(chosen or {"parameters": "chosen by the host"}), "seed": job.config.get("seed", "–")}


def _rows(view: AgreementView, job: FineTune) -> Iterator[ScoreRow]:
    for one in view.candidates:
        if one.n:
            scores = tuple(
                Score(key, METRICS[key].title, with_interval(figure), figure.value) for key, figure in _told(one)
            )
            yield ScoreRow(one.annotator.name, str(view.split), one.n, scores, _is_tuned(one.annotator, job))


def _told(one: Candidate) -> list[tuple[str, Estimate]]:
    """The figures that are told first, of closed questions those that Compare tells."""
    usual = [(key, one.figures[key]) for key in _USUAL if key in one.figures]
    return usual or list(one.figures.items())[:_MOST_FIGURES]


def _is_tuned(annotator: Annotator, job: FineTune) -> bool:
    return bool(job.fine_tuned_model) and annotator.model == job.fine_tuned_model


def _per_label(views: Sequence[AgreementView], job: FineTune) -> list[tuple[str, int, str, str, str]]:
    found = [
        one
        for view in views
        if view.split is Split.TEST
        for one in view.candidates
        if one.n and _is_tuned(one.annotator, job)
    ]
    return _label_rows(found[0]) if found else []


def _label_rows(candidate: Candidate) -> list[tuple[str, int, str, str, str]]:
    return [
        (one.label, one.support, with_interval(one.precision), with_interval(one.recall), with_interval(one.f1))
        for one in candidate.labels()
        if one.support or one.predicted
    ]


def _notes(views: Sequence[AgreementView], *, with_test: bool) -> Iterator[str]:
    for view in views:
        told = [*view.on_same_rows(), *(one.taught_sentence() for one in view.candidates)]
        yield from (f"On {view.split}: {sentence}" for sentence in dict.fromkeys(filter(None, told)))
        if view.split is Split.TEST:
            yield f"Scores on test had been shown {count(view.looks, 'time')} in this project."
    if not with_test:
        yield "Figures on test were left out of this card."
