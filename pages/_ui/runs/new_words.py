"""How the items of new runs are asked about, in words."""

from dataclasses import dataclass

from core.model import Budget
from core.services.asking.orders import Order
from core.services.asking.requests import Mode, Which
from pages._ui.words.money import dollars
from pages._ui.words.text import count

MODES = {Mode.LIVE: "one by one", Mode.BATCH: "as a batch", Mode.FILE: "as a file"}
ORDERS = {Order.GIVEN: "as given", Order.DRAWN: "drawn per item", Order.BOTH: "both orders"}
WHICH_ITEMS = {Which.NEW: "new ones", Which.CHANGED: "new and changed", Which.ALL: "all of them"}

_ORDERED = {Order.DRAWN: "order drawn per item", Order.BOTH: "asked in both orders"}


@dataclass(frozen=True)
class Options:
    """As they were chosen; `temperature` and `in_flight` None leave it to the usual."""

    which: Which = Which.NEW
    repeats: int = 1
    temperature: float | None = None
    use_cache: bool = True
    mode: Mode = Mode.LIVE
    ask: str = "chat"
    budget: Budget = Budget()
    in_flight: int | None = None
    order: Order = Order.GIVEN


def unusual(options: Options) -> str:
    """What differs from the usual, for the line beside the button: `5 answers per item · as a batch · at
    most $2.00`."""
    caps, budget = [], options.budget
    caps += [dollars(budget.dollars)] if budget.dollars is not None else []
    caps += [count(budget.tokens, "token")] if budget.tokens is not None else []
    caps += [count(budget.calls, "call")] if budget.calls is not None else []
    parts = [
        WHICH_ITEMS[options.which] if options.which is not Which.NEW else "",
        "asked again, ignoring the cache" if not options.use_cache else "",
        f"{options.repeats} answers per item" if options.repeats > 1 else "",
        _ORDERED.get(options.order, ""),
        f"temperature {options.temperature:g}" if options.temperature is not None else "",
        MODES[options.mode] if options.mode is not Mode.LIVE else "",
        "by the Decisions API" if options.ask == "decisions" else "",
        f"at most {', '.join(caps)}" if caps else "",
        f"{options.in_flight} in flight" if options.in_flight is not None else "",
    ]
    return " · ".join(part for part in parts if part)
