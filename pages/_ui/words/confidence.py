"""Where a confidence comes from, in words."""

_SOURCES = {
    "logprobs": "probability over the labels, at least",
    "parts": "probability of the least certain part, at most",
    "decisions": "the host's own",
    "repeats": "share of the answers",
}


def source_in_words(source: str | None, answers: int | None = None) -> str:
    """`probability over the labels, at least`, `share of 5 answers`; "" for a confidence nobody gave."""
    if source == "repeats" and answers:
        return f"share of {answers} answers"
    return _SOURCES.get(source or "", source or "")
