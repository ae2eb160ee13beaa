"""What was spent, and what a right label cost."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.hosts.prices import cost
from core.metrics.intervals import wilson_interval
from core.model import Estimate, Price, Run
from core.services.asking.requests import Mode, price_of
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices


class Costs:
    """What runs cost, at the prices they were started at."""

    def __init__(self, hosts: Hosts, prices: Prices) -> None:
        self._hosts, self._prices = hosts, prices

    def of(self, run: Run) -> float | None:
        """US dollars so far; None where the price is not known.

        Where it was not known at the start, at the price given since: better late than never. Nothing asked is nothing
        spent; of a host that counts no tokens it is not known. What came in a file was answered as a batch somewhere.
        """
        counted = run.prompt_tokens or run.completion_tokens
        if not run.calls and not counted:
            return 0.0
        price = price_of(run.config) or self._present_price(run)
        if not counted and not is_nothing(price):
            return None
        return cost(
            price,
            prompt_tokens=run.prompt_tokens,
            cached_tokens=run.cached_tokens,
            completion_tokens=run.completion_tokens,
            batch=run.config.get("mode") in (Mode.BATCH, Mode.FILE),
        )

    def of_all(self, runs: Iterable[Run]) -> float | None:
        """The sum; None where any part of it is not known."""
        parts = [self.of(run) for run in runs]
        known = [dollars for dollars in parts if dollars is not None]
        return sum(known) if len(known) == len(parts) else None

    def spent(self, run: Run, asked: float) -> "LabelCost":
        """What the answers to `asked` of its items cost; see `run_figures.asked`."""
        return LabelCost(
            self.of(run), asked, from_cache=run.from_cache, tokens=run.prompt_tokens + run.completion_tokens
        )

    def is_free(self, run: Run) -> bool:
        """Whether nothing is paid for its calls, since the hardware is the user's own."""
        return is_nothing(price_of(run.config) or self._present_price(run))

    def _present_price(self, run: Run) -> Price | None:
        try:
            host = self._hosts.get(run.config["host"])
        except WorkbenchError:  # it was removed since
            return None
        return self._prices.of(host, run.config["model"])


def is_nothing(price: Price | None) -> bool:
    """Whether calls cost nothing at this price, however many tokens they take."""
    return price is not None and price.input == 0 and price.output == 0


@dataclass(frozen=True)
class LabelCost:
    """What labels cost: `dollars` (None: unknown) and `tokens` for answers to `asked` items, and how many are right.

    An item's answers may be no more than begun on: then it counts in part. `from_cache` items were not asked about and
    cost nothing here. Of `compared` labels `agreed` are right, which is what agrees with the reference; which items are
    compared is up to the caller.
    """

    dollars: float | None
    asked: float
    compared: int = 0
    agreed: int = 0
    from_cache: int = 0
    tokens: float = 0.0

    def __add__(self, other: "LabelCost") -> "LabelCost":
        """Both together; what the cache knew says nothing of the cost, whatever its price."""
        parts = [one for one in (self, other) if one.asked or one.dollars]
        known = [one.dollars for one in parts if one.dollars is not None]
        return LabelCost(
            sum(known) if len(known) == len(parts) else None,
            self.asked + other.asked,
            self.compared + other.compared,
            self.agreed + other.agreed,
            self.from_cache + other.from_cache,
            self.tokens + other.tokens,
        )

    def of_items(self, items: int) -> "LabelCost":
        """The part of it that so many of its items took, as all of them took the same; nothing of what is right."""
        share = items / self.asked if self.asked else 0.0
        dollars = None if self.dollars is None else self.dollars * share
        from_cache = 0 if self.asked else items
        return LabelCost(dollars, items if self.asked else 0, from_cache=from_cache, tokens=self.tokens * share)

    @property
    def is_all_from_cache(self) -> bool:
        return self.from_cache > 0 and not self.asked

    @property
    def per_1000(self) -> float | None:
        """Dollars per 1,000 items asked about; None where the cost is unknown or nothing was asked."""
        return None if self.dollars is None or not self.asked else 1000 * self.dollars / self.asked

    @property
    def tokens_per_1000(self) -> float | None:
        """Tokens in and out per 1,000 items; None where none were counted (people, imports)."""
        return 1000 * self.tokens / self.asked if self.tokens and self.asked else None

    @property
    def per_1000_right(self) -> Estimate:
        """Dollars per 1,000 right labels: the cost of 1,000 items divided by the share of right ones.

        The interval is that of the share (Wilson), turned over.
        """
        if self.dollars is None:
            return Estimate(None, self.compared, undefined="the cost is unknown")
        if self.is_all_from_cache:
            return Estimate(None, self.compared, undefined="all of its answers came from the cache")
        if not self.compared or self.per_1000 is None:
            return Estimate(None, 0, undefined="none of its items has a label of the reference")
        if not self.agreed:
            return Estimate(None, self.compared, undefined="it agrees with the reference on none of them")
        low, high = wilson_interval(self.agreed, self.compared)
        how = "Wilson, from the share of right labels"
        return Estimate(
            self.per_1000 * self.compared / self.agreed, self.compared, self.per_1000 / high, self.per_1000 / low, how
        )
