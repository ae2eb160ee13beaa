"""So many of a kind, in words: one way everywhere, so that nobody reads of 1 items."""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 item`, `2,000 items`; `plural` where it is not the noun with an s: `3 people`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def gigabytes(size: int) -> str:
    """`8 GB`, `1.5 GB`, of so many bytes, a GB being 2^30."""
    return f"{size / 2**30:,.1f}".removesuffix(".0") + " GB"
