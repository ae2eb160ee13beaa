"""How fast to ask from a moment on: after a refusal, and after all have waited. Calls a second. Pure."""

from dataclasses import dataclass
from math import exp, log, sqrt

_BELOW = 0.96
_BACK_SECONDS = 5.0
"""From the least the host may grant to the most; less where these are far apart."""
_BEYOND = 0.02
_LONGEST = 20.0
_FASTER_AND_FASTER = 0.09
_NEARLY = 0.98


@dataclass
class Curve:
    """The pace from `since` on: from a little below what was `taken` to where it was `refused`, then ever faster.

    `was_at` is where it was refused the time before, 0 where that tells nothing; `is_first` after a wait of all.
    """

    since: float
    taken: float
    refused: float
    unit: float
    was_at: float = 0.0
    on_their_way: int = 0
    is_first: bool = False
    below: float = _BELOW
    _rest: int = 0

    def rate(self, now: float) -> float:
        t = max(0.0, now - self.since) / self.unit
        least = self.taken * self.below
        width = log(max(self.refused, self.taken) / least)
        back = _BACK_SECONDS / (1.0 + 3.0 * width)
        if t <= back:
            return least * exp(width * t / back)
        beyond = min(t - back, _LONGEST)
        return max(self.refused, self.taken) * exp(_BEYOND * (beyond + beyond**2))

    def granted_if_refused_at(self, at: float) -> float:
        """Refused at the same pace again, the host saves up nothing for bursts: it grants nearly that much."""
        return min(at, self.was_at) * (_NEARLY - abs(log(at / self.was_at))) if self.was_at > 0.0 else 0.0

    def refuse_the_rest(self, surely_granted: float) -> None:
        """One more of the calls on their way, when this pace was begun, came home refused.

        Where most of them do, the host counts by the second or so, and grants far less than where it refused.
        """
        self._rest += 1
        if self.was_at > 0.0 and self._rest > self.on_their_way / 2:
            self.was_at = 0.0
            if not self.is_first:
                self.refused = sqrt(self.taken * self.refused)
        self.taken = max(self.taken, min(self.refused, surely_granted))


@dataclass
class Climb:
    """The pace after all have waited: from a guess upwards, the faster the less it is founded on.

    `steps` is by how much it goes up a second where there is nothing to guess from;
    `least` what the host says it grants.
    """

    since: float
    taken: float
    haste: float
    unit: float
    steps: float = 0.0
    least: float = 0.0

    def rate(self, now: float) -> float:
        t = max(0.0, now - self.since)
        units = min(_LONGEST, t / self.unit)
        rate = (self.taken + self.steps * t) * exp(self.haste * units + _FASTER_AND_FASTER * units * units)
        return max(self.least, rate)
