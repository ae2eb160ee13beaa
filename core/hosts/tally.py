"""How many calls were begun, and how many of them refused, between two moments. Pure."""

from bisect import bisect_right, insort

_MOST = 8192


class Tally:
    """Remembers the newest calls by when they were begun; those on their way count as taken."""

    def __init__(self) -> None:
        self._begun, self._refused = list[float](), list[float]()

    def begin(self, now: float) -> None:
        self._begun.append(now)
        if len(self._begun) > _MOST:
            del self._begun[: _MOST // 2]
            del self._refused[: bisect_right(self._refused, self._begun[0])]

    def refuse(self, began: float) -> None:
        insort(self._refused, began)

    @property
    def is_empty(self) -> bool:
        return not self._begun

    @property
    def first(self) -> float:
        """When the oldest call that is remembered was begun."""
        return self._begun[0] if self._begun else 0.0

    def taken(self, since: float, until: float) -> int:
        """Calls begun after `since` and not after `until`, less the refused ones."""
        return _between(self._begun, since, until) - _between(self._refused, since, until)


def _between(moments: list[float], since: float, until: float) -> int:
    return max(0, bisect_right(moments, until) - bisect_right(moments, since))
