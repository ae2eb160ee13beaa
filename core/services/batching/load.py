"""Whether one more batch fits under the cap of a run: by what its requests will take, as far as that is known. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from core.hosts.prices import cost
from core.model import Budget, Price, Run
from core.plural import count
from core.services.asking.estimating import MEASURED_FROM, is_as_long, longest_answer, thinks
from core.services.asking.requests import price_of
from core.services.labelling.purses import money
from core.storage.run_figures import Call
from core.storage.runs import Spent

_CHARACTERS_A_TOKEN = 4
_ANSWER_TOKENS = 20


@dataclass(frozen=True)
class Load:
    """What a number of requests is expected to take; `dollars` None where the price is unknown."""

    calls: int = 0
    tokens: float = 0.0
    dollars: float | None = None

    def __add__(self, other: "Load") -> "Load":
        """Dollars of those whose price is known."""
        known = [load.dollars for load in (self, other) if load.dollars is not None]
        return Load(self.calls + other.calls, self.tokens + other.tokens, sum(known) if known else None)


def expected(lines: int, size: int, run: Run, like: Sequence[Call] = ()) -> Load:
    """Of a file with `lines` requests in `size` bytes: by the run's own answers so far, else by enough calls like
    them, else by its characters / 4, thinking at its longest, a text as long as its request: a cap had better hold a
    batch back for nothing."""
    counted = [call for call in like if call.prompt_tokens]
    if run.calls and run.prompt_tokens:
        asked, answered = run.prompt_tokens / run.calls * lines, run.completion_tokens / run.calls * lines
    elif len(counted) >= MEASURED_FROM:
        asked = lines * fmean(call.prompt_tokens or 0 for call in counted)
        answered = lines * fmean(call.completion_tokens or 0 for call in counted)
    else:
        each = longest_answer(run.config) if thinks(run.config) else _ANSWER_TOKENS
        asked = size / _CHARACTERS_A_TOKEN
        answered = float(lines * each) + (asked if is_as_long(run.config) else 0.0)
    price = price_of(run.config)
    dollars = cost(price, prompt_tokens=round(asked), cached_tokens=0, completion_tokens=round(answered), batch=True)
    return Load(lines, asked + answered, dollars)


def spent_by(runs: Sequence[Spent]) -> Load:
    """What runs started together have spent."""
    dollars = [
        cost(
            Price(**run.price) if run.price else None,
            prompt_tokens=run.prompt_tokens,
            cached_tokens=run.cached_tokens,
            completion_tokens=run.completion_tokens,
            batch=run.is_batch,
        )
        for run in runs
    ]
    return Load(
        sum(run.calls for run in runs),
        sum(run.prompt_tokens + run.completion_tokens for run in runs),
        sum(known or 0.0 for known in dollars),
    )


def over(budget: Budget, spent: Load, coming: Load) -> str:
    """Why what is coming does not fit, in a sentence; "" where it does. Unknown dollars do not count."""
    what = f"The next {count(coming.calls, 'request')} would take"
    if budget.calls is not None and spent.calls + coming.calls > budget.calls:
        said = f"{what} {count(coming.calls, 'call')}", count(budget.calls, "call"), f"{spent.calls:,}"
    elif budget.tokens is not None and spent.tokens + coming.tokens > budget.tokens:
        said = f"{what} about {coming.tokens:,.0f} tokens", f"{budget.tokens:,} tokens", f"{spent.tokens:,.0f}"
    elif budget.dollars is not None and (spent.dollars or 0.0) + (coming.dollars or 0.0) > budget.dollars:
        said = f"{what} about {money(coming.dollars or 0.0)}", money(budget.dollars), money(spent.dollars or 0.0)
    else:
        return ""
    return f"{said[0]}, and the cap is {said[1]} with {said[2]} spent or on the way. Raise the cap to continue."
