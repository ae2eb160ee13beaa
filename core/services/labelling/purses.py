"""The cap on what a run and those started with it may spend: whether one more call fits. Pure."""

from collections.abc import Sequence

from core.hosts.prices import cost
from core.model import Budget, Price, Run
from core.plural import count
from core.services.asking.requests import budget_of, price_of
from core.storage.runs import Spent

_TELLING = 5
"""Answers without a single token among them say that the host does not count."""


class Purse:
    """What one run spends and has on its way, beside the others it was started with.

    Calls are expected to cost what the run's calls did so far. Those whose price is unknown count in calls and tokens,
    not in dollars. What runs of the same worker do is known at once (`beside`), what others do as it is stored.
    """

    def __init__(self, run_id: int, budget: Budget, price: Price | None, own: Spent, beside: list["Purse"]) -> None:
        self.run_id = run_id
        self.in_flight = 0
        self.is_closed = False
        self.is_bounded = bool(budget)
        self._needs_tokens = budget.tokens is not None or (budget.dollars is not None and _is_charged(price))
        self._budget, self._price, self._beside = budget, price, beside
        self._calls = own.calls
        self._tokens = own.prompt_tokens + own.completion_tokens
        self._dollars = _dollars(own, price)
        self._others = (0, 0, 0.0)
        self._read: set[int] = set()

    @property
    def in_flight_together(self) -> int:
        """Calls on their way that the cap has to reckon with."""
        return sum(purse.in_flight for purse in self._beside)

    def started(self) -> None:
        self.in_flight += 1

    def paid(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> None:
        """A call was answered, with these tokens."""
        self.in_flight -= 1
        self._calls += 1
        self._tokens += prompt_tokens + completion_tokens
        if self.is_bounded:
            self._dollars += _dollars(Spent(1, prompt_tokens, cached_tokens, completion_tokens), self._price)

    def spared(self) -> None:
        """A call came to nothing that is paid for."""
        self.in_flight -= 1

    def others_have(self, spent: Sequence[Spent]) -> None:
        """What the runs started together with this one have spent by now, as it is stored."""
        stored = {run.run_id: run.calls for run in spent}
        # It may have been read before the last answers of a run that has ended meanwhile were stored.
        ended = [purse for purse in self._beside if purse.is_closed]
        self._read = {purse.run_id for purse in ended if stored.get(purse.run_id, -1) >= purse._calls}
        known = {purse.run_id for purse in self._beside} - self._read
        others = [run for run in spent if run.run_id not in known]
        self._others = (
            sum(run.calls for run in others),
            sum(run.prompt_tokens + run.completion_tokens for run in others),
            sum(_dollars(run, Price(**run.price) if run.price else None) for run in others),
        )

    def allows_one_more(self) -> bool:
        return not self.is_bounded or (not self.is_blind and self._reached() is None)

    def sentence(self) -> str:
        """Why no more calls are allowed: which cap is reached, and what was spent."""
        if self.is_blind:
            return (
                "The host does not say how many tokens its answers take, so the cap cannot be enforced. "
                "What was labelled is kept: cap calls instead to resume."
            )
        cap, spent = self._reached() or ("", "")
        return f"The cap of {cap} is reached: {spent} so far. Raise it to continue; what was labelled is kept."

    @property
    def is_blind(self) -> bool:
        """Whether the cap needs tokens that the host does not count."""
        return self._needs_tokens and self._calls >= _TELLING and self._tokens == 0

    def _reached(self) -> tuple[str, str] | None:
        calls, tokens, dollars = self._others
        coming_calls, coming_tokens, coming_dollars = 0, 0.0, 0.0
        # Each keeps count of whom it has read: the others beside it may not have read of that one yet.
        for purse in self._beside:
            if purse.is_closed and purse.run_id in self._read:
                continue
            calls, tokens, dollars = calls + purse._calls, tokens + purse._tokens, dollars + purse._dollars
            coming = purse.in_flight + (purse is self)
            coming_calls += coming
            coming_tokens += coming * purse._tokens / max(1, purse._calls)
            coming_dollars += coming * purse._dollars / max(1, purse._calls)
        budget = self._budget
        if budget.calls is not None and calls + coming_calls > budget.calls:
            return count(budget.calls, "call"), count(calls, "call")
        if budget.tokens is not None and not _fits(tokens, coming_tokens, budget.tokens):
            return f"{budget.tokens:,} tokens", f"{tokens:,} tokens"
        if budget.dollars is not None and not _fits(dollars, coming_dollars, budget.dollars):
            return money(budget.dollars), money(dollars)
        return None


class Purses:
    """The open purses of one worker, those of runs started together beside each other."""

    def __init__(self) -> None:
        self._together: dict[int, list[Purse]] = {}

    def opened(self, run: Run) -> Purse:
        """The run's own, which knows what it has spent before."""
        beside = self._together.setdefault(run.grid_id or run.id, [])
        own = Spent(run.calls, run.prompt_tokens, run.cached_tokens, run.completion_tokens)
        purse = Purse(run.id, budget_of(run.config), price_of(run.config), own, beside)
        beside[:] = [*(other for other in beside if other.run_id != run.id), purse]
        return purse

    def close(self, purse: Purse) -> None:
        """Once all it knows is stored; of calls that were hung up on nothing more is heard."""
        purse.is_closed, purse.in_flight = True, 0
        self._together = {
            grid: beside for grid, beside in self._together.items() if any(not other.is_closed for other in beside)
        }


def _fits(spent: float, coming: float, cap: float) -> bool:
    return spent < cap and spent + coming <= cap * (1 + 1e-9)


def _dollars(spent: Spent, price: Price | None) -> float:
    known = cost(
        price,
        prompt_tokens=spent.prompt_tokens,
        cached_tokens=spent.cached_tokens,
        completion_tokens=spent.completion_tokens,
        batch=spent.is_batch,
    )
    return known or 0.0


def _is_charged(price: Price | None) -> bool:
    return _dollars(Spent(1, 1_000_000, 0, 1_000_000), price) > 0.0


def money(dollars: float) -> str:
    """`$0.31`, `$0.0042`: two digits that say something."""
    return f"${dollars:,.2f}" if dollars >= 0.1 or dollars == 0 else f"${dollars:.2g}"
