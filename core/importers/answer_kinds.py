"""The kinds of answers that files hold, some of which nothing here asks for yet."""

from enum import StrEnum


class Kind(StrEnum):
    """By the values of `core.model.QuestionKind`, to which they are equal."""

    SINGLE_LABEL = "single_label"
    SEVERAL_LABELS = "several_labels"
    SPANS = "spans"
    RATING = "rating"
    PREFERENCE = "preference"
    RANKING = "ranking"
    TEXT = "text"
