"""So many of a kind, in words: one way everywhere, so that nobody reads of 1 items."""


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 item`, `2,000 items`; `plural` where it is not the noun with an s: `3 people`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def bytes_in_words(size: int) -> str:
    """`8 GB`, `1.5 GB`, `20 MB`, `0.3 kB`, of so many bytes, a kB being 2^10."""
    unit, name = next((one for one in ((2**30, "GB"), (2**20, "MB")) if size >= one[0]), (2**10, "kB"))
    return f"{size / unit:,.1f}".removesuffix(".0") + f" {name}"
