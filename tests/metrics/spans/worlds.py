"""Spans to try the figures on, as `(start, end, label)` in lists, an item each."""

from hypothesis import strategies as st

from core.metrics.spans import SpanTable

LABELS = ("person", "place", "thing")
LENGTH = 40


@st.composite
def apart(draw):
    """Spans of one text that do not overlap, some of them touching."""
    edges = sorted(draw(st.sets(st.integers(0, LENGTH), min_size=2, max_size=10)))
    kept = draw(st.lists(st.booleans(), min_size=len(edges) - 1, max_size=len(edges) - 1))
    pairs = zip(edges, edges[1:], kept, strict=False)
    return [(start, end, draw(st.integers(0, 2))) for start, end, keep in pairs if keep]


def overlapping():
    """Spans of one text that may overlap, under one another and across."""
    span = st.tuples(st.integers(0, LENGTH - 9), st.integers(1, 9), st.integers(0, 2))
    return st.lists(span.map(lambda s: (s[0], s[0] + s[1], s[2])), max_size=7, unique=True)


def pairs_of(spans):
    """What a reference and a candidate marked in a few texts."""
    return st.lists(st.tuples(spans, spans), min_size=1, max_size=5)


def table_of(pairs, text="ab cde fg, hij klmno p qr stu vwx yz 12 3", labels=LABELS):
    return SpanTable.of(labels, [text] * len(pairs), [a for a, _ in pairs], [b for _, b in pairs])
