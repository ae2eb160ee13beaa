"""One run's figures: what came out and what it cost in a row, what that took in a line below."""

import streamlit as st

from core.model import Run
from core.services.runs.details import RunDetails
from core.services.runs.running import Worth
from pages._ui.runs.words import seconds_in_words, seconds_or_ms
from pages._ui.words.cost import PER_1000_RIGHT, right_labels, right_labels_between
from pages._ui.words.money import dollars
from pages._ui.words.text import count, plain

_WIDTH, _LETTER = 108, 7
_SHARES = ((0.5, "half answered within"), (0.9, "90 % within"), (0.99, "99 % within"))


def figures_row(details: RunDetails, worth: Worth) -> None:
    """On a narrow screen the row breaks where it has to, never within a figure."""
    with st.container(gap="xxsmall"):
        with st.container(horizontal=True, gap="small"):
            for name, (value, about) in {**came_out(details), **cost_of(details, worth)}.items():
                st.markdown(
                    f":small[:gray[{plain(name.capitalize())}]]  \n**{plain(value)}**",
                    help=plain(about) or None,
                    width=max(_WIDTH, _LETTER * max(len(name), len(value) + 6)),
                )
        st.caption(plain(" · ".join(it_took(details))))


def came_out(details: RunDetails) -> dict[str, tuple[str, str]]:
    """Name to value and explanation, in the order shown; what is not there, errors for one, is not mentioned."""
    run, unclear = details.run, sum(details.unclear.values())
    taken_over = run.from_cache if run.config.get("mode") != "beside" else 0
    return {
        "labelled": (f"{run.done:,} of {run.total:,}", ""),
        **({"from the cache": (f"{taken_over:,}", "")} if taken_over else {}),
        **({"unclear answers": (f"{unclear:,}", "Recorded as the fallback.")} if unclear else {}),
        **({"errors": (f"{run.errors:,}", "")} if run.errors else {}),
    }


def cost_of(details: RunDetails, worth: Worth) -> dict[str, tuple[str, str]]:
    """As `came_out`: money and time. What a price has to be known for is not mentioned without one, nor what labels
    cost of which none was paid for."""
    run, cost = details.run, worth.cost
    spent = {"cost": ("free" if worth.is_free else dollars(cost.dollars), _about_cost(run, worth))}
    if cost.dollars is not None and not worth.is_free and not cost.is_all_from_cache:
        right, about_right = right_label(worth)
        from_cache = (
            f"{count(run.from_cache, 'label')} from the cache, which cost nothing here, are left out."
            if run.from_cache
            else ""
        )
        spent["per 1,000 items"] = ("–" if cost.per_1000 is None else dollars(cost.per_1000), from_cache)
        spent[PER_1000_RIGHT] = (right, f"{about_right} {from_cache}".strip())
    return {**spent, "took": (seconds_in_words(run.busy_seconds), "")}


def it_took(details: RunDetails) -> list[str]:
    """`320 calls`, `34,265 tokens in (1,024 cached)`, `3,299 tokens out`, `half answered within 312 ms` and so on."""
    run = details.run
    if run.config.get("mode") == "beside":
        return ["asked with another question, whose run has the calls and tokens"]
    cached = f" ({run.cached_tokens:,} cached)" if run.cached_tokens else ""
    within = [(details.latency(share), words) for share, words in _SHARES]
    return [
        count(run.calls, "call"),
        f"{run.prompt_tokens:,} tokens in{cached}",
        f"{run.completion_tokens:,} tokens out",
        *(f"{words} {seconds_or_ms(seconds)}" for seconds, words in within if seconds is not None),
    ]


def right_label(worth: Worth) -> tuple[str, str]:
    """The cost of 1,000 right labels with its interval, where the price is known; why not, where there is none."""
    cost = worth.cost
    if worth.reference is None:
        return "–", "There is no reference yet to say which labels are right."
    agree = f"{cost.agreed:,} of {count(cost.compared, 'item')} {'agrees' if cost.agreed == 1 else 'agree'}"
    on = f"{agree} with {worth.reference.name}; test items are left out."
    if not cost.compared:
        return "–", f"None of its items outside test has a label of {worth.reference.name}. On test, see Compare."
    if undefined := cost.per_1000_right.undefined:
        return "undefined", f"{undefined}. {on}"
    return right_labels(cost), f"{right_labels_between(cost)}. {on}"


def _about_cost(run: Run, worth: Worth) -> str:
    if worth.is_free:
        return "It runs on hardware of your own."
    if worth.cost.dollars is None and not run.prompt_tokens:
        return "Its host does not say how many tokens the calls took."
    if worth.cost.dollars is None:
        return "The price of this model is unknown: set it on Hosts."
    return ""
