"""One run's figures in a row."""

import streamlit as st

from core.services.running import RunDetails
from pages._ui.run_words import seconds_in_words, seconds_or_ms
from pages._ui.text import plain

_WIDTHS = [1, 1, 0.7, 1.3, 1, 1.3, 0.9]


def figures_row(details: RunDetails) -> None:
    """What was labelled, what went wrong, how long answers took, tokens."""
    for column, (name, value) in zip(st.columns(_WIDTHS), figures_of(details).items(), strict=True):
        column.markdown(f":small[:gray[{plain(name)}]]  \n**{plain(value)}**")


def figures_of(details: RunDetails) -> dict[str, str]:
    """Name and value, in the order shown; a dash where there is none yet."""
    run, half, most = details.run, details.latency(0.5), details.latency(0.95)
    return {
        "labelled": f"{run.done:,} of {run.total:,}",
        "unclear answers": f"{sum(details.unclear.values()):,}",
        "errors": f"{run.errors:,}",
        "half answered within": "–" if half is None else seconds_or_ms(half),
        "95 % within": "–" if most is None else seconds_or_ms(most),
        "tokens in + out": f"{run.prompt_tokens:,} + {run.completion_tokens:,}",
        "took": seconds_in_words(run.busy_seconds),
    }
