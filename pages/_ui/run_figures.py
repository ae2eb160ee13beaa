"""One run's figures in two rows: what came out, and what it took."""

import streamlit as st

from core.services.run_details import RunDetails
from core.services.running import Worth
from pages._ui.money import FREE, dollars
from pages._ui.run_words import seconds_in_words, seconds_or_ms
from pages._ui.text import plain


def figures_row(details: RunDetails, worth: Worth) -> None:
    """Labels and how fast they came; calls, tokens and money."""
    for figures in (came_out(details), it_took(details, worth)):
        for column, (name, (value, about)) in zip(st.columns(len(figures)), figures.items(), strict=True):
            column.markdown(f":small[:gray[{plain(name)}]]  \n**{plain(value)}**", help=plain(about) or None)


def came_out(details: RunDetails) -> dict[str, tuple[str, str]]:
    """Name to value and explanation, in the order shown; a dash where there is none yet."""
    run = details.run
    return {
        "labelled": (f"{run.done:,} of {run.total:,}", ""),
        "from the cache": (f"{run.from_cache:,}", ""),
        "unclear answers": (f"{sum(details.unclear.values()):,}", ""),
        "errors": (f"{run.errors:,}", ""),
        "half answered within": (_within(details, 0.5), ""),
        "90 % within": (_within(details, 0.9), ""),
        "99 % within": (_within(details, 0.99), ""),
    }


def it_took(details: RunDetails, worth: Worth) -> dict[str, tuple[str, str]]:
    """As `came_out`: calls, tokens, money, time."""
    run, cost = details.run, worth.cost
    cached = f" ({run.cached_tokens:,} cached)" if run.cached_tokens else ""
    per_1000 = "–" if cost.per_1000 is None and cost.dollars is not None else dollars(cost.per_1000)
    return {
        "calls": (f"{run.calls:,}", ""),
        "tokens in": (f"{run.prompt_tokens:,}{cached}", ""),
        "tokens out": (f"{run.completion_tokens:,}", ""),
        "cost": (FREE if worth.is_free else dollars(cost.dollars), _about_cost(worth)),
        "per 1,000 items": ("free" if worth.is_free else per_1000, ""),
        "per right label": right_label(worth),
        "took": (seconds_in_words(run.busy_seconds), ""),
    }


def right_label(worth: Worth) -> tuple[str, str]:
    """The cost of a right label with its interval; why not, where there is none."""
    cost = worth.cost
    if worth.reference is None:
        return "–", "There is no reference yet to say which labels are right."
    on = f"{cost.agreed:,} of {cost.compared:,} items agree with {worth.reference.name}; test items are left out."
    if not cost.compared:
        return "–", f"None of its items outside test has a label of {worth.reference.name}. On test, see Compare."
    if worth.is_free:
        return "free", on
    each = cost.per_correct
    if each.value is None:
        return "undefined" if cost.dollars is not None else dollars(None), f"{each.undefined}. {on}"
    return dollars(each.value), f"95 %: {dollars(each.low)} to {dollars(each.high)}. {on}"


def _about_cost(worth: Worth) -> str:
    if worth.cost.dollars is None:
        return "The price of this model is unknown: set it on Hosts."
    return ""


def _within(details: RunDetails, share: float) -> str:
    seconds = details.latency(share)
    return "–" if seconds is None else seconds_or_ms(seconds)
