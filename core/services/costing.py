"""What was spent, and what a right label cost."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.hosts.prices import cost
from core.metrics.intervals import wilson_interval
from core.model import Estimate, Price, Run
from core.services.cells import Mode, price_of
from core.services.hosts import Hosts
from core.services.prices import Prices


class Costs:
    """What runs cost, at the prices they were started at."""

    def __init__(self, hosts: Hosts, prices: Prices) -> None:
        self._hosts, self._prices = hosts, prices

    def of(self, run: Run) -> float | None:
        """US dollars so far; None where the price is not known.

        Where it was not known at the start, at the price given since: better late than never. Nothing asked is nothing
        spent.
        """
        if not run.calls and not run.prompt_tokens and not run.completion_tokens:
            return 0.0
        return cost(
            price_of(run.config) or self._present_price(run),
            prompt_tokens=run.prompt_tokens,
            cached_tokens=run.cached_tokens,
            completion_tokens=run.completion_tokens,
            batch=run.config.get("mode") == Mode.BATCH,
        )

    def of_all(self, runs: Iterable[Run]) -> float | None:
        """The sum; None where any part of it is not known."""
        parts = [self.of(run) for run in runs]
        known = [dollars for dollars in parts if dollars is not None]
        return sum(known) if len(known) == len(parts) else None

    def is_free(self, run: Run) -> bool:
        """Whether nothing is paid for its calls, since the hardware is the user's own."""
        price = price_of(run.config) or self._present_price(run)
        return price is not None and price.input == 0 and price.output == 0

    def _present_price(self, run: Run) -> Price | None:
        try:
            host = self._hosts.get(run.config["host"])
        except WorkbenchError:  # it was removed since
            return None
        return self._prices.of(host, run.config["model"])


@dataclass(frozen=True)
class LabelCost:
    """What labels cost: `dollars` (None: unknown) for `items` labelled; of `compared` of them `agreed` are right.

    Right is what agrees with the reference. Which items are compared is up to the caller.
    """

    dollars: float | None
    items: int
    compared: int = 0
    agreed: int = 0

    @property
    def per_1000(self) -> float | None:
        """Dollars per 1,000 items labelled; None where the cost is unknown or nothing was labelled."""
        return None if self.dollars is None or not self.items else 1000 * self.dollars / self.items

    @property
    def per_correct(self) -> Estimate:
        """Dollars per right label: the cost of an item divided by the share of right ones.

        The interval is that of the share (Wilson), turned over.
        """
        if self.dollars is None:
            return Estimate(None, self.compared, undefined="the price is unknown")
        if not self.compared or not self.items:
            return Estimate(None, 0, undefined="none of its items has a label of the reference")
        if not self.agreed:
            return Estimate(None, self.compared, undefined="it agrees with the reference on none of them")
        each = self.dollars / self.items
        low, high = wilson_interval(self.agreed, self.compared)
        how = "Wilson, of the share of right ones"
        return Estimate(each * self.compared / self.agreed, self.compared, each / high, each / low, how)
