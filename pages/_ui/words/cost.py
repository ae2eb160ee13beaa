"""What labels cost, in the same words wherever it is said."""

from core.services.asking.costing import LabelCost
from core.services.asking.estimating import Amount
from pages._ui.words.money import dollar_range, dollars

PER_1000_RIGHT = "per 1,000 right labels"


def right_labels(cost: LabelCost) -> str:
    """`$0.86`; where there is no figure, the least that has to be said instead."""
    if cost.is_all_from_cache:
        return "from the cache"
    value = cost.per_1000_right.value
    return "–" if value is None else dollars(value)


def right_labels_between(cost: LabelCost) -> str:
    """`95 %: $0.71–0.92`; empty where there is no figure."""
    each = cost.per_1000_right
    if each.value is None or each.low is None or each.high is None:
        return ""
    return f"95 %: {dollar_range(Amount(each.value, each.low, each.high))}"


def about(number: float) -> str:
    """`157,000`, `20,000`, `94`: three figures that count."""
    whole = round(number)
    return f"{round(whole, 3 - len(str(whole))):,}" if whole >= 1000 else f"{whole:,}"
