"""Are calls refused by chance, or for being too many? Two tests that go on until they know. Pure."""

from collections import deque
from dataclasses import dataclass, field
from math import inf, log, sqrt

_DOUBT, _SURE, _MOSTLY = 5.0, 14.0, 0.8
_FEW, _FEWER, _ENOUGH = 0.04, 200, 24
_LEAST, _MOST = 0.05, 0.3
_EVIDENCE, _MORE_EVIDENCE = 3.0, 4.5
_IN_A_ROW = 2


@dataclass
class Walk:
    """Up for each refused call, one step down for each that is taken: high up only where most are refused.

    The fewer were refused before, the larger a step up. Where three in ten are refused by chance it is one, and one run
    of 20,000 calls gets as high as 14. What began before the refused call that it went up from tells of before.
    """

    height: float = 0.0
    top: float = _SURE
    since: float = -inf
    up: float = 1.0
    home: float = 0.0
    refused: float = 0.0
    taken: deque[float] = field(default_factory=lambda: deque(maxlen=64))

    def step(self, began: float, *, is_refused: bool, is_paced: bool) -> None:
        """`is_paced` where the host's pace is known more or less: it is refused now and then, at once by several."""
        self._remember(is_refused)
        if is_refused and self.height > 0.0 and began < self.since:
            self.height = max(0.0, self.height - sum(began <= taken < self.since for taken in self.taken))
            self.since = began
        if not is_refused:
            self.taken.append(began)
        if self.height == 0.0 and is_refused:
            self.since = began
            self.up = (
                1.0 if is_paced else max(1.0, log(_MOSTLY * (self.home + 3.0) / (self.refused + sqrt(self.refused))))
            )
        if began >= self.since:
            self.height = max(0.0, self.height + (self.up if is_refused else -1.0))
        if self.height == 0.0:
            self.top, self.since = _SURE, -inf

    def _remember(self, is_refused: bool) -> None:
        self.home += 1
        self.refused += is_refused
        if self.home > _FEWER:
            self.home, self.refused = self.home / 2, self.refused / 2

    def is_doubtful(self) -> bool:
        """It begins to look as if most were refused: better to wait for those on their way."""
        return self.height >= _DOUBT

    def is_sure(self) -> bool:
        return self.height >= self.top

    def begin_warily(self) -> None:
        """After all have waited: three refused calls are enough."""
        self.height, self.top, self.since, self.up = _DOUBT, _DOUBT + 2, -inf, 1.0


@dataclass
class Share:
    """The share of calls refused of late."""

    home: float = 0.0
    refused: float = 0.0

    def note(self, *, is_refused: bool) -> None:
        self.home += 1
        self.refused += is_refused
        if self.home > _FEWER:
            self.home, self.refused = self.home / 2, self.refused / 2

    @property
    def value(self) -> float:
        return self.refused / self.home if self.home else 0.0

    @property
    def at_least(self) -> float:
        """With some doubt: one looks at it when it happens to be high."""
        return (self.refused - sqrt(self.refused)) / self.home if self.home else 0.0

    def is_worth_a_trial(self) -> bool:
        """Surely more than a few in a hundred. Fewer cost less than to find out."""
        return self.home >= _ENOUGH and self.refused - 2.0 * sqrt(self.refused) >= _FEW * self.home


class Trial:
    """Are as many refused at a pace that the host should grant? Then it is chance; it is not where a third are.

    The ratio of how likely either makes what is seen, until it is clear (Wald's sequential test). Of a row of refused
    calls only the first ones tell: a host that counts by the second refuses all until the next one begins. A first
    trial that is not clear after twice the calls that a limit, refusing none, would take to show, finds chance.
    """

    def __init__(self, share: float, lead: float = 0.0, *, is_first: bool = False) -> None:
        """`share` of the calls was refused before; `lead` is what speaks against chance already."""
        chance = min(_MOST, max(_LEAST, share))
        self._refused, self._taken = log(3.0), log((1.0 - chance) / (1.0 - chance / 3.0))
        self._evidence, self._in_a_row = -lead, 0
        self._against = _MORE_EVIDENCE if is_first else _EVIDENCE
        self._left = 2.0 * _EVIDENCE / -self._taken if is_first else inf

    def note(self, *, is_refused: bool) -> None:
        self._left -= 1.0
        self._in_a_row = self._in_a_row + 1 if is_refused else 0
        if not self.is_limit and self._in_a_row <= _IN_A_ROW:
            self._evidence += self._refused if is_refused else self._taken

    @property
    def is_chance(self) -> bool:
        return self._evidence >= _EVIDENCE or (self._left <= 0.0 and not self.is_limit)

    @property
    def is_limit(self) -> bool:
        return self._evidence <= -self._against
