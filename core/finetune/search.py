"""Which parameters to try next, and when one is behind: Optuna is asked, and what is known is kept elsewhere.

A search is rebuilt from its trials each time it is asked: the same trials and seed give the same answer, so that a kill
between what was told and what is asked next changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from core.errors import WorkbenchError
from core.finetune.parameters import Parameter, Value

if TYPE_CHECKING:
    import optuna

RANDOM_FIRST = 5
"""So many trials are spread at random before what was measured leads."""
_TENTHS, _WARM_UP, _MIN_OTHERS = 10, 3, 4
_WIDE = 8.0
"""Ranges of so many times are searched on a logarithmic scale: from .1 to 1 as finely as from 1 to 10."""
_USUAL: Mapping[str, tuple[float, float]] = {
    "n_epochs": (1, 20),
    "batch_size": (4, 64),
    "learning_rate_multiplier": (0.1, 10.0),
    "early_stopping_patience": (2, 20),
}
_FIRST = ("n_epochs", "learning_rate_multiplier", "learning_rate", "batch_size")


@dataclass(frozen=True)
class Dimension:
    """One parameter that is varied: between inclusive bounds, or among choices."""

    key: str
    title: str
    kind: Literal["int", "float", "choice"]
    low: float = 0
    high: float = 0
    choices: tuple[Value, ...] = ()

    @property
    def is_log(self) -> bool:
        return self.kind != "choice" and self.low > 0 and self.high / self.low >= _WIDE

    def stored(self) -> dict[str, Any]:
        """As JSON has it; `dimension` reads it back."""
        return asdict(self) | {"choices": list(self.choices)}


def dimension(stored: Mapping[str, Any]) -> Dimension:
    """As `stored` wrote it."""
    return Dimension(**{**stored, "choices": tuple(stored["choices"])})


@dataclass(frozen=True)
class Told:
    """What is known of a trial: `score` once it is measured, `path` the validation scores on its way, by tenths.
    `is_open`: it is still under way. `pruned`: it was ended early."""

    parameters: Mapping[str, Value]
    score: float | None = None
    path: Mapping[int, float] = field(default_factory=dict)
    is_open: bool = False
    pruned: bool = False


def usual_dimension(parameter: Parameter) -> Dimension:
    """Within the host's bounds, what is worth trying where nobody says otherwise."""
    if parameter.kind in ("bool", "choice"):
        choices: tuple[Value, ...] = (False, True) if parameter.kind == "bool" else parameter.choices
        return Dimension(parameter.key, parameter.title, "choice", choices=choices)
    low, high = _USUAL.get(parameter.key, (parameter.low, parameter.high))
    default = parameter.default
    if parameter.key not in _USUAL and isinstance(default, int | float) and not isinstance(default, bool) and default:
        low, high = float(f"{default / 10:.6g}"), float(f"{default * 10:.6g}")
    low, high = max(parameter.low, low), min(parameter.high, high)
    kind: Literal["int", "float"] = "int" if parameter.kind == "int" else "float"
    return Dimension(parameter.key, parameter.title, kind, round(low) if kind == "int" else low, high)


def usual_first(known: Mapping[str, Parameter]) -> list[str]:
    """Which of the parameters to vary where nobody chose: epochs, learning rate, batch size, as far as there are."""
    return [key for key in _FIRST if key in known] or list(known)[:3]


def read_range(parameter: Parameter, entry: str) -> Dimension:
    """`1 to 20` as bounds. Raises `WorkbenchError` naming the parameter."""
    usual = usual_dimension(parameter)
    if usual.kind == "choice":
        return usual
    hint = f"Enter two numbers from {parameter.low:g} to {parameter.high:g}, such as {as_range(usual)}."
    parts = [one for one in entry.replace("–", " ").replace("to", " ").replace(",", " ").split() if one]
    try:
        low, high = (int(one) if usual.kind == "int" else float(one) for one in parts)
    except ValueError:
        raise WorkbenchError(f"{parameter.title}: “{entry[:30]}” is not a range.", hint) from None
    if not parameter.low <= low < high <= parameter.high:
        raise WorkbenchError(f"{parameter.title}: {low:g} to {high:g} is not a range of this host.", hint)
    return Dimension(parameter.key, parameter.title, usual.kind, low, high)


def as_range(one: Dimension) -> str:
    """`1 to 20`, as `read_range` takes it; the choices where it has such."""
    if one.kind == "choice":
        return ", ".join(str(choice) for choice in one.choices)
    return f"{one.low:g} to {one.high:g}"


def suggest(space: Sequence[Dimension], told: Sequence[Told], number: int, seed: int = 0) -> dict[str, Value]:
    """Parameters for trial `number`: a tree-structured Parzen estimator (Bergstra et al. 2011), after a few at random.

    Those under way count as if they would do badly, so that trials beside one another are not the same.
    """
    import optuna

    sampler = optuna.samplers.TPESampler(
        n_startup_trials=RANDOM_FIRST, multivariate=True, constant_liar=True, seed=seed * 100_003 + number
    )
    study = _study(space, told, sampler=sampler)
    trial = study.ask(_distributions(space))
    return {key: _plain(value) for key, value in trial.params.items()}


def is_behind(space: Sequence[Dimension], others: Sequence[Told], path: Mapping[int, float]) -> bool:
    """Whether what a trial scores on its way is below the median of the others at the same part of theirs, from three
    tenths on, where there are four others to compare with (Optuna's median pruner)."""
    import optuna

    if not path:
        return False
    pruner = optuna.pruners.MedianPruner(n_startup_trials=_MIN_OTHERS, n_warmup_steps=_WARM_UP)
    study = _study(space, others)
    running = optuna.trial.create_trial(
        state=optuna.trial.TrialState.RUNNING, intermediate_values=dict(path), params={}, distributions={}
    )
    return bool(pruner.prune(study, running))


def tenths(path: Sequence[tuple[float, float]]) -> dict[int, float]:
    """`(share of the way, score)` by tenths of the way, the last of each: trials take different numbers of steps."""
    return {min(_TENTHS, int(share * _TENTHS)): score for share, score in sorted(path)}


def _study(
    space: Sequence[Dimension], told: Sequence[Told], sampler: optuna.samplers.BaseSampler | None = None
) -> optuna.study.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=sampler or optuna.samplers.RandomSampler(seed=0))
    known = _distributions(space)
    for one in told:
        if set(one.parameters) != set(known):
            continue  # what the host chose by itself, which is not known
        state = optuna.trial.TrialState.COMPLETE
        if one.is_open:
            state = optuna.trial.TrialState.RUNNING
        elif one.pruned:
            state = optuna.trial.TrialState.PRUNED
        elif one.score is None:
            continue
        study.add_trial(
            optuna.trial.create_trial(
                state=state,
                value=one.score if state is optuna.trial.TrialState.COMPLETE else None,
                params=dict(one.parameters),
                distributions=known,
                intermediate_values=dict(one.path),
            )
        )
    return study


def _distributions(space: Sequence[Dimension]) -> dict[str, optuna.distributions.BaseDistribution]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    found: dict[str, optuna.distributions.BaseDistribution] = {}
    for one in space:
        if one.kind == "choice":
            found[one.key] = CategoricalDistribution(one.choices)
        elif one.kind == "int":
            found[one.key] = IntDistribution(int(one.low), int(one.high), log=one.is_log)
        else:
            found[one.key] = FloatDistribution(one.low, one.high, log=one.is_log)
    return found


def _plain(value: Any) -> Value:
    """Three figures that count: more of them would only look as if they mattered."""
    return float(f"{value:.3g}") if isinstance(value, float) else value
