"""Whether where a candidate stands decides which is preferred: of two that are shown beside or below each other.

Without such a bias the candidate shown first is preferred as often as the second, where which stands first was drawn
or both orders were asked; and whoever is asked in both orders prefers the same candidate. Ties say nothing of either.
"""

from dataclasses import dataclass, replace

from core.metrics.intervals import paired_difference, share
from core.model import Estimate

NOTHING = "it prefers none of two whose order is known"
NO_PAIR = "it prefers none of two in both orders"


@dataclass(frozen=True)
class OnceShown:
    """Of answers in one order each: how often the candidate shown first was preferred, and the second."""

    first: int = 0
    second: int = 0

    @property
    def preferred_first(self) -> Estimate:
        """Share of those that preferred one of the two; Wilson."""
        return share(self.first, self.first + self.second, NOTHING)


@dataclass(frozen=True)
class BothShown:
    """Of items asked about in both orders: the same candidate preferred in both, its number as `first_candidate` and
    `second_candidate`; whatever was shown first preferred each time, or whatever was shown second; `ties` in one of the
    orders or in both."""

    first_candidate: int = 0
    second_candidate: int = 0
    always_first: int = 0
    always_second: int = 0
    ties: int = 0

    @property
    def decided(self) -> int:
        """Items of which a candidate was preferred in both orders."""
        return self.first_candidate + self.second_candidate + self.always_first + self.always_second

    @property
    def preferred_first(self) -> Estimate:
        """Share of the answers that preferred what was shown first, of the items decided in both orders.

        It is 1/2 and half of the difference between how often the first candidate is preferred as given and swapped,
        whose interval is Newcombe's for pairs: two answers about one item are not independent.
        """
        apart = paired_difference(
            self.first_candidate, self.always_second, self.always_first, self.second_candidate, NO_PAIR
        )
        if apart.value is None or apart.low is None or apart.high is None:
            return apart
        low, high = 0.5 + apart.low / 2, 0.5 + apart.high / 2
        return replace(apart, value=0.5 + apart.value / 2, low=low, high=high)

    @property
    def flipped(self) -> Estimate:
        """Share of the items decided in both orders that did not prefer the same candidate in both; Wilson."""
        return share(self.always_first + self.always_second, self.decided, NO_PAIR)
