"""What new runs will come to, in one sentence, and run by run in a fold."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.services.asking.estimating import Amount
from core.services.asking.requests import Mode, RunRequest
from core.services.runs.forecasting import GridEstimate, RunEstimate
from pages._ui.words.money import FREE, dollar_range, dollars
from pages._ui.words.text import count, duration, plain

_ALL_KNOWN = "No call is needed: all of these items have an answer in the cache."
_ALL_LABELLED = "Nothing to label: all of these items already have a label from this model and prompt."


def in_words(estimate: GridEstimate, request: RunRequest) -> str:
    """`640 calls (2 prompts × 2 models × 160 items) · about 210,000 tokens · $0.31 ($0.28–0.35) · about 2 min`.

    Markdown. The price is left out where it is unknown: `price_unknown` says so.
    """
    coming = sum(cell.on_the_way for cell in estimate.cells)
    if not estimate.items and (beside := sum(cell.beside for cell in estimate.cells)):
        return f"No call is needed: {count(beside, 'answer')} to the other questions can be taken over."
    if not estimate.items and coming:
        return f"Nothing to label: {coming:,} of these items are already being labelled, in a run or at a host."
    if not estimate.items and not any(cell.already for cell in estimate.cells) and (said := _not_asked(estimate)):
        return f"Nothing to label: {' and '.join(said)}."
    if not estimate.items:
        return _ALL_LABELLED
    if not estimate.calls:
        return _ALL_KNOWN
    parts = [_tokens(estimate), _money(estimate), _time(estimate, request), *_left_out(estimate)]
    shape = _shape(estimate, request)
    calls = f"**{count(estimate.calls, 'call')}**{f' {plain(shape)}' if shape else ''}"
    return " · ".join([calls, *(plain(part) for part in parts if part)])


def _shape(estimate: GridEstimate, request: RunRequest) -> str:
    cells = [cell for cell in estimate.cells if cell.items]
    prompts, models = len({cell.version.id for cell in cells}), len({cell.ref for cell in cells})
    each = {cell.items for cell in cells}
    if len(each) > 1 or len(cells) != prompts * models:
        return f"({len(cells)} runs)"
    parts = [count(prompts, "prompt") if prompts > 1 else "", count(models, "model") if models > 1 else ""]
    parts += [count(each.pop(), "item")]
    parts += [count(request.repeats, "answer")] if request.repeats > 1 else []
    parts += ["2 orders"] if request.answers > request.repeats else []
    shown = [part for part in parts if part]
    return f"({' × '.join(shown)})" if len(shown) > 1 else ""


def _tokens(estimate: GridEstimate) -> str:
    return f"{'about' if estimate.is_measured else 'roughly'} {rounded(estimate.tokens.value):,} tokens"


def _money(estimate: GridEstimate) -> str:
    money = estimate.known_dollars
    if estimate.dollars is None:
        return f"{_spoken_money(money, estimate.is_measured)} for those with a price" if money.high else ""
    return _spoken_money(money, estimate.is_measured) if money.high else FREE


def _spoken_money(money: Amount, is_measured: bool) -> str:
    value, between = dollars(money.value), dollar_range(money)
    if not is_measured:
        return f"roughly {between}"
    return value if value == between else f"{value} ({between})"


def _time(estimate: GridEstimate, request: RunRequest) -> str:
    if request.mode is Mode.BATCH:
        return "within 24 h, as batches go"
    if request.mode is Mode.FILE or estimate.seconds is None:
        return ""
    return spoken_time(estimate.seconds)


def spoken_time(seconds: Amount) -> str:
    """`about 2 min`, `40 s to 3 min`."""
    if seconds.high < 1.6 * max(seconds.value, 1.0):
        return duration(seconds.value)
    low, high = (duration(value).removeprefix("about ") for value in (seconds.low, seconds.high))
    return f"about {high}" if low == high else f"{low} to {high}"


def _left_out(estimate: GridEstimate) -> list[str]:
    cells = estimate.cells
    known, already = sum(cell.known or 0 for cell in cells), sum(cell.already for cell in cells)
    coming, changed = sum(cell.on_the_way for cell in cells), sum(cell.changed for cell in cells)
    parts = [f"{known:,} from the cache"] if known else []
    parts += ["some may come from the cache"] if any(cell.known is None for cell in cells) else []
    parts += [f"{changed:,} with changed wording"] if changed else []
    parts += [f"{already:,} labelled already"] if already else []
    parts += _not_asked(estimate)
    return parts + ([f"{coming:,} on their way"] if coming else [])


def _not_asked(estimate: GridEstimate) -> list[str]:
    """Items that a condition leaves out; where each model's own answers decide, each run has a number of its own."""
    ruled_out, unknown = ([getattr(cell, name) for cell in estimate.cells] for name in ("not_asked", "unknown"))
    parts = [f"{_up_to(ruled_out)} not asked"] if any(ruled_out) else []
    return parts + ([f"{_up_to(unknown)} without an earlier answer"] if any(unknown) else [])


def _up_to(numbers: Sequence[int]) -> str:
    return f"{'' if len(set(numbers)) == 1 else 'up to '}{max(numbers):,}"


def price_unknown(estimate: GridEstimate) -> list[str]:
    """The models whose price is not known, each once."""
    unknown = [cell.ref.model for cell in estimate.cells if cell.calls and cell.expected.dollars is None]
    return list(dict.fromkeys(unknown))


def examples_left_out(estimate: GridEstimate) -> str:
    """Which prompt versions are asked without some of their worked examples; empty where none is."""
    fewer = {cell.version.number: cell.examples_left_out for cell in estimate.cells if cell.examples_left_out}
    said = ", ".join(f"v{number} leaves out {count(n, 'worked example')}" for number, n in fewer.items())
    return f"{said}: the labels are not in the task" if said else ""


def set_apart(estimate: GridEstimate) -> str:
    """Which answers count as those of another annotator, since they are asked for in other words, and in which."""
    apart = [cell for cell in estimate.cells if cell.apart]
    return " ".join(
        f"{' '.join(cell.apart)} So that no score mixes two wordings, these answers count as {cell.annotator_name}."
        for cell in apart
    )


def basis(estimate: GridEstimate) -> str:
    """What the estimate rests on, in one sentence; empty where nothing is called."""
    if not estimate.calls:
        return ""
    if estimate.is_measured:
        fewest = min(cell.expected.measured for cell in estimate.cells if cell.calls)
        return f"Measured on {'' if len(estimate.cells) == 1 else 'at least '}{count(fewest, 'call')}; 95 % ranges"
    return "A rule of thumb (four characters a token): a probe measures it"


def asked_at_once(estimate: GridEstimate) -> str:
    """Which questions one answer is about; empty where it is about one."""
    asked = next((cell.at_once for cell in estimate.cells if cell.at_once), ())
    return f"One answer for {len(asked)} questions, each with a run of its own: {', '.join(asked)}" if asked else ""


def table(cells: Sequence[RunEstimate]) -> pd.DataFrame:
    """One row a run."""
    return pd.DataFrame(
        {
            "Model and prompt": [cell.annotator_name for cell in cells],
            "Items": [cell.items for cell in cells],
            "From the cache": ["?" if cell.known is None else f"{cell.known:,}" for cell in cells],
            "Calls": [cell.calls for cell in cells],
            "Tokens": [rounded(cell.expected.tokens.value) for cell in cells],
            "Cost": [_cell_money(cell, range_only=False) for cell in cells],
            "Range": [_cell_money(cell, range_only=True) for cell in cells],
            "Time": [spoken_time(s) if (s := cell.expected.seconds) and cell.calls else "–" for cell in cells],
            "From": [_cell_basis(cell) for cell in cells],
        }
    )


def _cell_money(cell: RunEstimate, *, range_only: bool) -> str:
    money = cell.expected.dollars
    if money is None:
        return "" if range_only else dollars(None)
    if money.high == 0:
        return "" if range_only else "free"
    return dollar_range(money) if range_only else dollars(money.value)


def _cell_basis(cell: RunEstimate) -> str:
    return count(cell.expected.measured, "measured call") if cell.expected.measured else "rule of thumb"


def show_table(estimate: GridEstimate) -> None:
    """Run by run, folded."""
    with st.expander(f"The {len(estimate.cells)} runs, one by one", type="compact"):
        right = st.column_config.TextColumn(width="small", alignment="right")
        number = st.column_config.NumberColumn(format="localized", width="small")
        st.dataframe(
            table(estimate.cells),
            key="new-run-cells",
            hide_index=True,
            column_config={
                "Model and prompt": st.column_config.TextColumn(width="medium"),
                "Items": number,
                "Calls": number,
                "Tokens": number,
                **dict.fromkeys(("From the cache", "Cost", "Range", "Time"), right),
            },
        )


def rounded(tokens: float) -> int:
    """An estimate shows two or three digits."""
    whole = round(tokens)
    return whole if whole < 1000 else round(whole, 3 - len(str(whole)))
