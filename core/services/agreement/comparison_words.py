"""A comparison in words: what it comes to, and what has to be known to read it. Functions of its figures alone."""

from collections.abc import Iterable

from core.exporters.figures import DIGITS, THIRD_DIGIT, digits_of_difference, p_value, points, small, with_interval
from core.metrics import Comparison, LabelDifference
from core.model import Estimate
from core.plural import count

LOOKS = (
    "The first look at the same pair is judged at the level .04 and each later one more strictly, so that all looks "
    "together call two equal annotators different at most 5 % of the time (alpha spending, Lan & DeMets 1983)."
)


def result(figures: Comparison, a: str, b: str, reference: str, look: int) -> str:
    """In one sentence; claims nothing the test does not carry."""
    if not figures.n:
        return f"{a}, {b} and {reference} have no items in common here yet."
    said = _test_in_words(figures, look)
    if figures.distinguishable and figures.difference.value is not None:
        better = b if figures.difference.value > 0 else a
        digits = digits_of_difference(figures.a, figures.b, figures.difference)
        by = points(figures.difference.value, digits)
        return f"{better} is better by {by} on the same {count(figures.n, 'item')}{said}."
    these = f"{'this' if figures.n == 1 else 'these'} {count(figures.n, 'item')}"
    return f"Not distinguishable on {these}{said}."


def carried_on(result: str) -> str:
    """A result behind a colon: names stay as they are."""
    return result.replace("Not ", "not ", 1) if result.startswith("Not distinguishable") else result


def by_headline(figures: Comparison, title: str, a: str, b: str) -> str:
    """Where right means more than all or nothing: whose headline is higher, by the test of it."""
    difference, p = next(iter(figures.differences.values())), figures.headline_p
    if difference.value is None or p is None:
        return ""
    tested = f"randomisation test {p_value(p)}; level {small(figures.level)}"
    between = with_interval(difference, signed=True)
    if p >= figures.level:
        return f"{title[:1].upper()}{title[1:]} is not distinguishable: B − A is {between} ({tested})."
    better = b if difference.value > 0 else a
    return f"{better} has the higher {title}: B − A is {between} ({tested})."


def beyond(figures: Comparison) -> str:
    """Where the test tells nothing, what so many items can show; else empty."""
    return what_they_can_show(figures) if figures.n and not figures.distinguishable else ""


def _test_in_words(figures: Comparison, look: int) -> str:
    """` (McNemar mid-p = .012, exact p = .023; level .04)`, and from the second look on which one it is."""
    if figures.test.mid_p is None:
        return f" ({figures.test.undefined})" if figures.test.undefined else ""
    spent = "" if look == 1 else f" by alpha spending, since this is look {look} at these two"
    mid = f"McNemar mid-{p_value(figures.test.mid_p)}, {_exact(figures)}"
    return f" ({mid}; level {small(figures.level)}{spent})"


def _exact(figures: Comparison) -> str:
    """`exact p = .023`, or the chi-square's where there are too many for the exact test."""
    name = "exact" if figures.test.title.startswith("McNemar, exact") else "chi-square"
    return f"{name} {p_value(figures.test.p or 0.0)}"


def what_they_can_show(figures: Comparison) -> str:
    """What so many items can tell, and how many a difference of this size takes, where that can be said."""
    if figures.shows_from is None:
        words = "The two differ on too few of them to show any difference."
    else:
        low, high = (points(end) for end in figures.shows_from)
        between = f"about {low}" if low == high else f"{low.split()[0]} to {high}"
        words = f"With this many items, a difference of {between} is detected four times out of five; "
        words += "detecting half of it takes about four times as many."
    if figures.items_in_all:
        fewest, most = (f"{round_up(number):,}" for number in figures.items_in_all)
        words += f" Detecting a difference of the size seen takes about {fewest} to {most} items in total."
    return words


def round_up(number: int) -> int:
    """Two significant digits are all an estimate like this carries."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return -(-number // step) * step


def caveat(figures: Comparison) -> str:
    """Where the interval of the difference and the test say different things: why, and which decides; else ""."""
    if not figures.at_odds:
        return ""
    tells, silent = "excludes 0", "does not tell the two apart"
    if figures.distinguishable:
        tells, silent = "includes 0", "tells the two apart"
    n = figures.test.discordant
    words = f"The interval of the difference {tells}, but the test {silent}. The test looks only at the "
    words += f"{count(n, 'item')} on which just one of them is right"
    stricter = "" if figures.distinguishable else f", and at the level of {small(figures.level)} it is stricter"
    return f"{words}{stricter}. The test decides."


def level_in_words(figures: Comparison) -> str:
    """Below which mid-p the two are told apart, and what the exact test says."""
    return f"told apart below {small(figures.level)}; {_exact(figures)}; n = {figures.n:,}"


def labels_note(labels: int, reference: str, level: float, *, is_open: bool = False) -> str:
    """How the differences of so many labels came about."""
    adjusted = count(labels, "label")
    if is_open:
        return (
            "95 % intervals: F1 by Wilson from IoU, B − A from both drawn with the same weights. The test is a "
            f"randomisation test of the label's F1, adjusted for {adjusted} (Holm), judged at the level "
            f"{small(level)}. A difference is rough where the label has fewer than 10."
        )
    return (
        "95 % intervals: F1 by Wilson from IoU, B − A from a Dirichlet posterior. The test is McNemar's mid-p on "
        f"who gives the label exactly where {reference} does, adjusted for {adjusted} (Holm), "
        f"judged at the level {small(level)}. A difference is rough where fewer than 25 items are "
        "discordant or the label has fewer than 10."
    )


def label_in_words(one: LabelDifference) -> str:
    """`better, p = .003`, `p = .40`; a dash where there is nothing to test. The p is adjusted for all labels."""
    if one.p is None or one.difference.value is None:
        return "–"
    if not one.told:
        return p_value(one.p)
    return f"{'better' if one.difference.value > 0 else 'worse'}, {p_value(one.p)}"


def rounding(three: Iterable[tuple[Estimate, Estimate, Estimate]]) -> str:
    """What a third digit means, where one of these differences has one; else empty."""
    return THIRD_DIGIT if any(digits_of_difference(*one) > DIGITS for one in three) else ""


def times(number: int) -> str:
    """`never`, `once`, `2 times`."""
    return {0: "never", 1: "once"}.get(number, count(number, "time"))
