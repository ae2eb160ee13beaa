"""When models end, and when fine-tuning does, as far as it is known beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.hosts.prices import base_of, spellings

WARN_WITHIN_DAYS = 180


@dataclass(frozen=True)
class Retirement:
    """The day from which a model cannot be called any more. `source` says who says so; `successor` is "" if unnamed."""

    model: str
    day: date
    source: str
    successor: str = ""

    def days_left(self, today: date) -> int:
        """Negative once the day has passed; 0 on the day itself, on which it no longer answers."""
        return (self.day - today).days


@dataclass(frozen=True)
class TrainingEnd:
    """The day from which no fine-tune can be started any more, and to whom it is closed before."""

    day: date
    closed_to: str


_OPENAI_LAST = date(2027, 1, 14)
SHIPPED_RETIREMENTS: Mapping[tuple[str, str], Retirement] = {
    ("openai", name): Retirement(name, _OPENAI_LAST, "announced by OpenAI, as known in Nov 2026", "gpt-6-luna")
    for name in ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini")
}
"""By profile and model; snapshots of them and models tuned from them end with them."""
TRAINING_ENDS: Mapping[str, TrainingEnd] = {
    "openai": TrainingEnd(
        date(2027, 1, 6),
        "It is already closed to organisations that have never fine-tuned (since 7 May 2026), and to those that made "
        "no call to a tuned model in 60 days (since 2 July 2026).",
    )
}
"""By profile."""


def names_to_ask(model: str) -> list[str]:
    """The names under which a model's end may be known: its own, then its base's, each also without a date."""
    return list(dict.fromkeys([*spellings(model), *spellings(base_of(model))]))


def shipped_retirement(profile: str, model: str) -> Retirement | None:
    """What was known when this was written."""
    for name in names_to_ask(model):
        if found := SHIPPED_RETIREMENTS.get((profile, name)):
            return found
    return None
