"""Learning curves whose points are known, as objects and in a database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.finetune.search import Dimension
from core.model import Estimate, Study, StudyKind, StudyStatus, Trial, TrialStatus
from core.services.studies.curves import LearningCurve
from core.services.studies.searches import SearchView
from core.storage import studies
from core.storage.engine import now
from core.workbench import Workbench

RISING: Mapping[int, Sequence[float]] = {25: (0.50, 0.52), 50: (0.60, 0.61), 100: (0.67, 0.68), 200: (0.72, 0.73)}


def config_of(whole: int, project: Any = None) -> dict[str, Any]:
    told = {
        "annotator_id": getattr(project, "reference", 1),
        "version_id": getattr(project, "version", 1),
        "with_validation": True,
        "with_fallback": True,
        "method": "supervised",
        "against": None,
    }
    shared = {"number": 1, "metric": "accuracy", "host": "embedded", "base_model": "base", "parameters": {}}
    return {**shared, "whole": whole, "request": told}


def _score(value: float) -> Estimate:
    return Estimate(value, 400, max(0.0, value - 0.04), min(1.0, value + 0.04), "Wilson")


def learning_curve(scores: Mapping[int, Sequence[float]] = RISING, whole: int = 400) -> LearningCurve:
    """One that has ended with these scores, by number of examples."""
    told = [(n, deal, score) for n, found in scores.items() for deal, score in enumerate(found, start=1)]
    trials = tuple(
        Trial(number, 1, number, TrialStatus.DONE, {"subset": {"n": n, "seed": deal}}, number, number, _score(score))
        for number, (n, deal, score) in enumerate(told, start=1)
    )
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return LearningCurve(Study(1, 1, StudyKind.CURVE, StudyStatus.DONE, made, config_of(whole)), trials)


SPACE = (
    Dimension("n_epochs", "Epochs", "int", 1, 20),
    Dimension("learning_rate_multiplier", "Learning rate ×", "float", 0.1, 10.0),
    Dimension("class_weight", "Class <b>weight</b> $", "choice", choices=("none", "balanced")),
)
TRIED: tuple[tuple[dict[str, Any], float | None], ...] = (
    ({}, 0.74),
    ({"n_epochs": 8, "learning_rate_multiplier": 1.2, "class_weight": "balanced"}, 0.81),
    ({"n_epochs": 3, "learning_rate_multiplier": 0.2, "class_weight": "none"}, 0.70),
    ({"n_epochs": 20, "learning_rate_multiplier": 10.0, "class_weight": "none"}, None),
)
"""Parameters and score; None for the one that was ended early."""


def search_config(project: Any = None) -> dict[str, Any]:
    space = [axis.stored() for axis in SPACE]
    return config_of(30, project) | {"space": space, "jobs": 4, "planned": 4, "dollars": None, "tokens": 1, "seed": 0}


def search_view(*, is_tested: bool = False) -> SearchView:
    """One that has ended with what was `TRIED`."""
    trials = tuple(
        Trial(
            number,
            1,
            number,
            TrialStatus.DONE if score is not None else TrialStatus.PRUNED,
            {"parameters": parameters},
            number,
            number if score is not None else None,
            None if score is None else _score(score),
            finished_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for number, (parameters, score) in enumerate(TRIED, start=1)
    )
    made = datetime(2026, 1, 1, tzinfo=UTC)
    study = Study(1, 1, StudyKind.SEARCH, StudyStatus.DONE, made, search_config())
    return SearchView(study, trials, is_tested, 0.0)


def add_search(wb: Workbench, project: Any, fine_tune: int) -> int:
    """The same in a project, the best's fine-tune being this one; its id."""
    with wb.db.write() as conn:
        study_id = studies.create(conn, project.id, StudyKind.SEARCH, search_config(project))
        for parameters, score in TRIED:
            trial = studies.add_trial(conn, study_id, {"parameters": parameters})
            status = TrialStatus.DONE if score is not None else TrialStatus.PRUNED
            its = {"fine_tune_id": fine_tune} if score == 0.81 else {}
            studies.set_trial(conn, trial.id, status=status, score=None if score is None else _score(score), **its)
        studies.claim(conn, "me", 1.0)
        studies.record(conn, study_id, "me", status=StudyStatus.DONE, owner=None, started_at=now(), finished_at=now())
        return study_id


def add_curve(
    wb: Workbench, project: Any, scores: Mapping[int, Sequence[float]] = RISING, *, ended: bool = True, run: Any = None
) -> int:
    """The same in a project, still queued where it has not `ended`; its id. `run` is where each was measured."""
    told = [(n, deal, score) for n, found in scores.items() for deal, score in enumerate(found, start=1)]
    planned = [{"subset": {"n": n, "seed": deal}} for n, deal, _ in told]
    with wb.db.write() as conn:
        number = 1 + len(studies.list_all(conn, project.id))
        config = config_of(max(scores), project) | {"number": number}
        study_id = studies.create(conn, project.id, StudyKind.CURVE, config, planned)
        if ended:
            for trial, (*_, score) in zip(studies.trials_of(conn, study_id), told, strict=True):
                studies.set_trial(conn, trial.id, status=TrialStatus.DONE, score=_score(score), run_id=run)
            studies.claim(conn, "me", 1.0)
            studies.record(
                conn, study_id, "me", status=StudyStatus.DONE, owner=None, started_at=now(), finished_at=now()
            )
        return study_id
