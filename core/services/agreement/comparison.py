"""Two annotators against one reference on the same items: everything the page and the report say of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.metrics import METRICS, Comparison, LabelScore
from core.model import Annotator, Estimate, FineTune, Item, PromptVersion, QuestionKind, Split
from core.plural import count
from core.prompts import Change, diff_words
from core.services.agreement import comparison_words as words
from core.services.agreement.people import People
from core.services.asking.costing import LabelCost
from core.services.common.taught import counted


@dataclass(frozen=True)
class Side:
    """One of the two, with where it came from."""

    annotator: Annotator
    version: PromptVersion | None
    fine_tune: FineTune | None
    labels: tuple[LabelScore, ...]
    figures: Mapping[str, Estimate]
    """By the keys of their metrics, those whose differences are told."""
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
    nearly: bool = False
    """Whether some of these only read nearly as what was taught."""
    whole: int = 0
    """How many items of the split the reference has labelled."""
    lacking: tuple[int, int] = (0, 0)
    """How many of these A has not labelled, and how many B."""
    kind: QuestionKind = QuestionKind.SINGLE_LABEL
    right: str = "Accuracy"
    """What the share of items is called on which one says exactly what the reference says."""
    asked_of_some: str = ""
    """How many items were asked of some of the three alone, in a sentence; empty where every item is asked of all."""
    people: People | None = None
    """How people agree among themselves on the split, where there are two."""

    def lacking_sentence(self) -> str:
        """How many of the reference's items either has not labelled; empty where both have labelled all."""
        a, b = self.lacking
        if not a and not b:
            return ""
        said = f"Of the {count(self.whole, 'item')} {self.reference.name} has labelled, A lacks {a:,} and B {b:,}"
        return f"{said}: they are left out."

    def taught_sentence(self) -> str:
        """How many items are left out since a model was taught them; empty where none is."""
        return counted(self.figures.n, self.figures.n + self.taught, nearly=self.nearly)

    def result(self) -> str:
        """In one sentence; claims nothing the test does not carry."""
        names = self.a.annotator.name, self.b.annotator.name, self.reference.name
        said = words.result(self.figures, *names, self.look)
        if self.figures.headline_p is None:
            return said
        title = METRICS[next(iter(self.figures.differences))].within
        return f"{words.by_headline(self.figures, title, *names[:2])} Saying exactly the same: {words.carried_on(said)}"

    @property
    def direction(self) -> float:
        """Above 0 where B is told to be better, below where A is, 0 where the test does not say; by the headline where
        right means more than all or nothing."""
        figures, difference = self.figures, self.figures.difference
        is_told = figures.distinguishable
        if figures.headline_p is not None:
            difference, is_told = next(iter(figures.differences.values())), figures.headline_p < figures.level
        return (difference.value or 0.0) if is_told else 0.0

    def beyond(self) -> str:
        """Where the test tells nothing, what so many items can show; else empty."""
        return words.beyond(self.figures)

    def conclusion(self) -> str:
        """Both."""
        return f"{self.result()} {self.beyond()}".rstrip()

    def notes(self) -> str:
        """What has to be known to read it, in sentences."""
        left_out = (self.lacking_sentence(), self.taught_sentence(), self.asked_of_some)
        said = (self.caveat(), *left_out, self.fallback_sentence())
        return " ".join(filter(None, said))

    def caveat(self) -> str:
        """Where the interval of the difference and the test say different things: why, and which decides; else ""."""
        return words.caveat(self.figures)

    def level_in_words(self) -> str:
        """Below which mid-p the two are told apart, and what the exact test says."""
        return words.level_in_words(self.figures)

    def method(self) -> str:
        """Which test it is, and how looking again changes the level it is read at."""
        return f"{self.figures.test.title}, mid-p. {words.LOOKS}"

    def people_sentence(self) -> str:
        """What people agree on among themselves, which a model can be held to; empty where there are not two."""
        return f"On the same split {self.people.sentence()}." if self.people else ""

    def labels_note(self) -> str:
        """How the differences label by label came about."""
        given = sum(one.support > 0 for one in self.a.labels)
        is_open = self.figures.headline_p is not None
        note = words.labels_note(given, self.reference.name, self.figures.level, is_open=is_open)
        scores = zip(self.a.labels, self.b.labels, self.figures.by_label, strict=True)
        return f"{note} {words.rounding((a.f1, b.f1, between.difference) for a, b, between in scores)}".rstrip()

    def headline(self) -> tuple[str, tuple[Estimate, Estimate, Estimate]]:
        """The first of `scores`, by which the two are told apart."""
        return next(iter(self.scores().items()))

    def scores(self) -> dict[str, tuple[Estimate, Estimate, Estimate]]:
        """Every figure over all labels by its name: of A, of B, and B − A."""
        figures = self.figures
        told = {
            METRICS[key].title: (self.a.figures[key], self.b.figures[key], difference)
            for key, difference in figures.differences.items()
        }
        right = {self.right: (figures.a, figures.b, figures.difference)}
        return told | right if figures.headline_p is not None else right | told

    def scores_note(self) -> str:
        """Why which of `scores` is rough, and what a third digit means; empty where nothing is to be said."""
        found: dict[str, list[str]] = {}
        for title, three in self.scores().items():
            for which, one in zip(("A", "B", "B − A"), three, strict=True):
                if one.rough:
                    found.setdefault(f"{title}, {{}}, is rough: {one.rough}.", []).append(which)
        rough = [said.format(_listed(whose)) for said, whose in found.items()]
        return " ".join(filter(None, (*rough, words.rounding(self.scores().values()))))

    def fallback_sentence(self) -> str:
        """How often each answered the fallback on these items; empty where nobody can, as of spans and texts."""
        if not self.fallback:
            return ""
        a, b = (side.answered(self.fallback) for side in (self.a, self.b))
        if not a and not b:
            return f"Neither answered {self.fallback}."
        return f"A answered {self.fallback} {words.times(a)}, B {words.times(b)}."

    def prompt_diff(self) -> dict[str, list[Change]] | None:
        """From A's prompt to B's, by message; None where a side has none or both have the same."""
        a, b = self.a.version, self.b.version
        if a is None or b is None or a.id == b.id:
            return None
        return {"system": diff_words(a.system, b.system), "user": diff_words(a.user, b.user)}


def _listed(names: list[str]) -> str:
    """`A`, `A and B`, `A, B and B − A`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


@dataclass(frozen=True)
class Case:
    item: Item
    reference: str
    a: str
    b: str
