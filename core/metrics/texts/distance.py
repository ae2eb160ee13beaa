"""How many characters have to be put in, taken out or changed to make one text of another (Levenshtein 1966)."""

from collections import defaultdict


def edit_distance(one: str, other: str) -> int:
    """Myers 1999 (Journal of the ACM 46:395) as Hyyrö 2003 has it: a column of the table is two whole numbers, a bit
    for each character of the shorter text, so that a step takes a handful of operations however long it is."""
    one, other = _apart(one, other)
    if len(one) > len(other):
        one, other = other, one
    if not one:
        return len(other)
    where: defaultdict[str, int] = defaultdict(int)
    for place, character in enumerate(one):
        where[character] |= 1 << place
    every = (1 << len(one)) - 1
    last = 1 << (len(one) - 1)
    more, less, distance = every, 0, len(one)
    for character in other:
        same = where.get(character, 0)
        across = (((same & more) + more) ^ more) | same | less
        rises, falls = less | (every & ~(across | more)), more & across
        distance += bool(rises & last) - bool(falls & last)
        rises, falls = (rises << 1 | 1) & every, (falls << 1) & every
        same |= less
        more, less = falls | (every & ~(same | rises)), rises & same
    return distance


def edit_similarity(one: str, other: str) -> float:
    """1 for the same text, 0 where every character would have to change: 1 - distance / length of the longer one."""
    longest = max(len(one), len(other))
    return 1.0 - edit_distance(one, other) / longest if longest else 1.0


def _apart(one: str, other: str) -> tuple[str, str]:
    """Without what both begin and end with, which costs nothing."""
    shortest = min(len(one), len(other))
    start = next((at for at in range(shortest) if one[at] != other[at]), shortest)
    one, other = one[start:], other[start:]
    shortest -= start
    end = next((at for at in range(shortest) if one[-1 - at] != other[-1 - at]), shortest)
    return one[: len(one) - end], other[: len(other) - end]
