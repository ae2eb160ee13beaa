"""Which of several places is meant, told by the order in which an answer names things: that of the text.

Where everything that has but one place comes in the order of the text, so should the rest: of all ways to give each
mark a place so that as many as possible are in order, a mark is located where they all agree. Dynamic programming from
both ends, with a Fenwick tree over the places: n log n in their number.
"""

from collections.abc import Hashable, Sequence

from core.tasks.locating.found import Place


def placed_by_order(marks: Sequence[tuple[Hashable, Sequence[Place]]]) -> list[list[Place]]:
    """The places that remain possible for each mark; all of them where the order tells nothing.

    `marks` are `(what is marked, its places in order)`. Two marks may share a start, but not if they are the same.
    """
    if all(len(places) < 2 for _, places in marks):
        return [list(places) for _, places in marks]
    known = [places[0] for _, places in marks if len(places) == 1]
    if any(one[0] > other[0] for one, other in zip(known, known[1:], strict=False)):
        return [list(places) for _, places in marks]
    ahead = _longest(marks)
    back = _longest([(what, [(-start, end) for start, end in places]) for what, places in reversed(marks)])[::-1]
    through = [[a + b - 1 for a, b in zip(*both, strict=True)] for both in zip(ahead, back, strict=True)]
    most = max((max(lengths, default=0) for lengths in through), default=0)
    kept = [
        [place for place, length in zip(places, lengths, strict=True) if length == most]
        for (_, places), lengths in zip(marks, through, strict=True)
    ]
    return [own or list(places) for own, (_, places) in zip(kept, marks, strict=True)]


def _longest(marks: Sequence[tuple[Hashable, Sequence[Place]]]) -> list[list[int]]:
    """For each place of each mark, how many marks can be in order up to it, itself included."""
    rank = {
        start: at for at, start in enumerate(sorted({start for _, places in marks for start, _ in places}), start=1)
    }
    tree = [0] * (len(rank) + 1)
    seen: set[Hashable] = set()
    found: list[list[int]] = []
    for what, places in marks:
        behind = 1 if what in seen else 0
        seen.add(what)
        lengths = [1 + _best(tree, rank[start] - behind) for start, _ in places]
        for (start, _), length in zip(places, lengths, strict=True):
            _note(tree, rank[start], length)
        found.append(lengths)
    return found


def _best(tree: list[int], at: int) -> int:
    best = 0
    while at > 0:
        best = max(best, tree[at])
        at &= at - 1
    return best


def _note(tree: list[int], at: int, length: int) -> None:
    while at < len(tree):
        tree[at] = max(tree[at], length)
        at += at & -at
