"""The texts and labels of every benchmark; imports nothing of the product, so that rivals stay what they are."""

import random

LABELS = ("WORLD", "SPORTS", "MONEY", "CULTURE", "SCIENCE", "POLITICS", "STYLE", "MEDIA")
QUOTED = ("Ann Lee", "Berlin", "ACME")
_WORDS = [f"word{i}" for i in range(4000)]


def labelled_texts(n: int, seed: int = 0) -> list[list[str]]:
    """`n` pairs of a text (about 160 characters, beginning with its number) and a label."""
    rng = random.Random(seed)
    return [[f"{i} {' '.join(rng.choices(_WORDS, k=18))}", rng.choice(LABELS)] for i in range(n)]


def texts_with_names(n: int) -> list[str]:
    """Such texts, each of which ends with what is quoted."""
    return [f"{text} by {QUOTED[0]} in {QUOTED[1]} for {QUOTED[2]}" for text, _ in labelled_texts(n)]
