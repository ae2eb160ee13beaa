"""A model that ends beside the one that takes its place, on the same items: what is said of the two, and the report."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.exporters.figures import digits_of_difference, percent, with_interval
from core.plural import count
from core.portable.card import escaped, table
from core.services.agreement.comparison import ComparisonView


@dataclass(frozen=True)
class Took:
    """What answers took. `seconds` is the median of one answer, `dollars` what 1,000 cost at present prices; None where
    that is not known, and `is_free` where nothing is paid."""

    answers: int
    seconds: float | None
    tokens: float | None
    dollars: float | None
    is_free: bool = False

    def speed(self) -> str:
        """The median of one answer."""
        return "not known" if self.seconds is None else f"{self.seconds:.2f} s" if self.seconds >= 0.01 else "< 0.01 s"

    def cost(self) -> str:
        """Of 1,000 items."""
        if self.is_free:
            return "nothing: own hardware"
        return "not known" if self.dollars is None else f"${self.dollars:,.2f}"


@dataclass(frozen=True)
class HeldBeside:
    """`view` compares the golden answers (A) with the other model (B); of `both` items that the two have answered they
    differ on `flips`, whoever is right."""

    view: ComparisonView
    before: Took
    after: Took
    both: int
    flips: int
    recorded: datetime
    prompt: str

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """`(what, golden answers, other model, difference)`: quality with intervals, speed, cost."""
        for title, (a, b, between) in self.view.scores().items():
            digits = digits_of_difference(a, b, between)
            difference = with_interval(between, signed=True, digits=digits)
            yield title, with_interval(a), with_interval(b), difference
        yield "Seconds per answer (median)", self.before.speed(), self.after.speed(), ""
        yield "Cost of 1,000 items, at present prices", self.before.cost(), self.after.cost(), ""

    def flipped(self) -> str:
        """On how many items the two say something else."""
        if not self.both:
            return "The two have no item in common."
        share = percent(self.flips / self.both)
        return f"They differ on {self.flips:,} of {count(self.both, 'item')} ({share}), whoever is right."


def moving_report(found: HeldBeside) -> str:
    """Markdown to keep, every text as it is."""
    view = found.view
    a, b = view.a.annotator, view.b.annotator
    where = f"{view.split} items" if view.split else "the chosen items"
    figures = view.figures
    parts = [
        f"# {escaped(a.name)} beside {escaped(b.name)}",
        f"Golden answers of {escaped(a.model or '?')}, recorded on {found.recorded:%Y-%m-%d} with the prompt "
        f"{escaped(found.prompt) or 'of that time'}, beside {escaped(b.model or '?')}, on {where}, held to "
        f"{escaped(view.reference.name)}. Written on {datetime.now(UTC):%Y-%m-%d}.",
        escaped(view.conclusion()),
        table(
            ("", f"A: {escaped(a.name)}", f"B: {escaped(b.name)}", "B − A"),
            [tuple(map(escaped, row)) for row in found.rows()],
        ),
        f"Fixed {figures.fixed:,}, broken {figures.broken:,}, still wrong {figures.still_wrong:,}, both right "
        f"{figures.both_right:,}, of {count(figures.n, 'item')}. {escaped(found.flipped())}",
        escaped(" ".join(filter(None, (view.notes(), view.scores_note(), view.method())))),
    ]
    return "\n\n".join(parts) + "\n"
