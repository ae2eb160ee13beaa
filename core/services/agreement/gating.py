"""Whether a later model may take the place of an earlier one: not worse by a margin, and nothing forgotten."""

from dataclasses import dataclass

from core.exporters.figures import number, with_interval
from core.metrics import METRICS, LabelDifference
from core.metrics.gate import Gate, Verdict, gate
from core.plural import count
from core.services.agreement.compared import Compared
from core.services.agreement.comparison_words import round_up


@dataclass(frozen=True)
class Gating:
    """`gate` is of the figure called `title`. `forgotten` are labels on which B is worse beyond chance, `labels` how
    many labels there is a test of."""

    gate: Gate
    title: str
    n: int
    forgotten: tuple[LabelDifference, ...]
    labels: int

    def sentence(self) -> str:
        """The verdict, and what it stands on."""
        margin, difference = number(self.gate.margin), self.gate.difference
        if difference.value is None:
            return f"Not decided: {self.title} is undefined here, {difference.undefined}."
        basis = f"{self.title}, B − A, is {with_interval(difference, signed=True)} on {count(self.n, 'item')}"
        if self.gate.verdict is Verdict.PASSED:
            return f"Passed: B is not worse by more than {margin}. {basis}."
        if self.gate.verdict is Verdict.FAILED:
            return f"Failed: B is worse by more than {margin}. {basis}."
        told = f"Not decided: B may be worse by more than {margin}, and may not. {basis}."
        if self.gate.items is not None:
            told += f" If the difference stays as it is, about {round_up(self.gate.items):,} items in all would decide."
        return told

    def forgetting(self) -> str:
        """What B knows less well than A, label by label; empty where labels are not told apart."""
        if not self.labels:
            return ""
        if not self.forgotten:
            return f"Nothing forgotten beyond chance, of {count(self.labels, 'label')}."
        named = "; ".join(
            f"{one.label}, F1 {with_interval(one.difference, signed=True)}"
            for one in sorted(self.forgotten, key=lambda one: one.difference.value or 0.0)
        )
        return f"Worse beyond chance: {named}."


def gating_of(found: Compared, margin: float) -> Gating:
    """Of what was compared; the figure is the one by which A and B are told apart."""
    figures = found.comparison
    title, difference = found.right, figures.difference
    if figures.headline_p is not None:
        key, difference = next(iter(figures.differences.items()))
        title = METRICS[key].title
    tested = [one for one in figures.by_label if one.difference.value is not None]
    worse = tuple(one for one in tested if one.told and (one.difference.value or 0.0) < 0)
    return Gating(gate(difference, margin), title, figures.n, worse, len(tested))
