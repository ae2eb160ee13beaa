"""At which level to read a test that was read before: looking at one pair again and again finds a winner by luck."""

from math import pi

LEVEL = 0.05
FIRST = 0.04


def level_at(look: int) -> float:
    """The level of the `look`-th look (from 1) at the same two: .04, then .0061, .0015, ... in all 5 %.

    Alpha spending (Lan & DeMets 1983, Biometrika 70:659) with a fixed share for each look, which needs no plan of how
    many there will be or how much is added between them: four fifths for the first, the rest in parts of 1 / j^2 for
    the j-th after it. The chance that any look ever calls two equal ones different is at most the sum. Raises
    ValueError for a look before the first.
    """
    if look < 1:
        raise ValueError("Looks are counted from 1.")
    return FIRST if look == 1 else (LEVEL - FIRST) * 6 / pi**2 / (look - 1) ** 2
