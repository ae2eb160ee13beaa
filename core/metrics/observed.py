"""Agreement as it was observed, without correction for chance: accuracy, Jaccard, and the tutorial's IoU."""

from core.metrics.contingency import NO_ITEMS, Contingency
from core.metrics.intervals import share
from core.metrics.metric import Metric
from core.model import Estimate


def accuracy(table: Contingency) -> Estimate:
    """Items with the same label / items, with a Wilson interval. Undefined on no items."""
    return share(table.agreements, table.n, NO_ITEMS)


def jaccard(table: Contingency) -> Estimate:
    """Mean over items of |both chose| / |either chose|, with a Wilson interval. Undefined on no items.

    With a single label per item that is 1 / 1 on agreement and 0 / 2 on disagreement, so the mean equals accuracy.
    """
    return share(table.agreements, table.n, NO_ITEMS)


def tutorial_iou(table: Contingency) -> Estimate:
    """The IoU of Kili's fine-tuning tutorial (recipe finetuning_openai.ipynb). Undefined on no items.

    An item on which k categories were chosen by anyone scores the mean over them of (annotators who chose it /
    annotators). With two annotators and one label each, agreement scores 1 and disagreement 1/2, which is
    (1 + Jaccard) / 2 on average; the interval is the Wilson interval under the same map.
    """
    plain = jaccard(table)
    if plain.value is None or plain.low is None or plain.high is None:
        return plain
    low, high = (1 + plain.low) / 2, (1 + plain.high) / 2
    return Estimate((1 + plain.value) / 2, plain.n, low, high, "Wilson, mapped by (1 + x) / 2")


ACCURACY = Metric(
    "accuracy",
    "Accuracy",
    "share",
    "The share of items that got the same label from both annotators. "
    "It does not ask how many of those agreements luck alone would give, as kappa and alpha do.",
    accuracy,
)
JACCARD = Metric(
    "jaccard",
    "Jaccard (IoU)",
    "share",
    "Labels both chose divided by labels either chose, averaged over the items. "
    "With one label per item this is 1 or 0, so it equals accuracy; the tutorial's IoU is not this number.",
    jaccard,
)
TUTORIAL_IOU = Metric(
    "tutorial_iou",
    "IoU (tutorial)",
    "share",
    "The score of the Kili tutorial: for each label anyone chose, the share of annotators who chose it, averaged. "
    "With two annotators a plain disagreement still scores 50 %, so it can never fall below 50 % and reads higher "
    "than accuracy.",
    tutorial_iou,
)
