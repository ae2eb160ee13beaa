"""How a run was asked: what was frozen when it started."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.model import Run
from core.services.asking.requests import budget_of, price_of
from pages._ui.runs.words import selection_of
from pages._ui.words.money import FREE, dollars
from pages._ui.words.text import count, plain

_MODES = {
    "live": "one by one",
    "batch": "as a batch",
    "file": "as a file",
    "beside": "not at all: its answers came with another question's",
}

_ORDERS = {"drawn": "order drawn per item", "both": "half of them with the candidates swapped"}


def frozen(run: Run) -> None:
    """Folded: facts, messages, labels."""
    config = run.config
    with st.expander("How it was asked: fixed when the run started", icon=":material/lock:"):
        st.caption(
            "  \n".join(f"{name.capitalize()}: {plain(value)}" for name, value in facts_of(run).items() if value)
        )
        system, user = st.columns([2, 1])
        with system:
            st.caption("system message")
            st.code(config.get("system", ""), language=None, wrap_lines=True)
        with user:
            st.caption("user message")
            st.code(config.get("user", ""), language=None, wrap_lines=True)
        labels = [*config.get("labels", ()), config.get("fallback", {})]
        st.dataframe(
            pd.DataFrame([{"Label": c.get("name"), "Description": c.get("description")} for c in labels]),
            hide_index=True,
            key="run-labels",
        )


def facts_of(run: Run) -> dict[str, str]:
    """Name and value in the order shown; empty values say nothing worth showing."""
    config = run.config
    return {
        "host": f"{config.get('host_title', config.get('host'))} {config.get('base_url', '')}".strip(),
        "model": str(config.get("model") or ""),
        "prompt": _prompt(config),
        "items": f"{selection_of(run)}, seed {config.get('seed')}",
        "where": str(config.get("asked_where") or ""),
        "asked": _asked(config),
        "parameters": _parameters(config),
        "pace": _pace(config),
        "masked before sending": _masked(config),
        "price": _price(config),
        "cap": _cap(config),
    }


def _prompt(config: Mapping[str, Any]) -> str:
    parts = [f"v{config.get('prompt_version')}", count(len(config.get("examples", ())), "worked example")]
    left_out = config.get("examples_left_out", 0)
    parts += [f"{len(all_at_once)} questions at once"] if (all_at_once := _questions(config)) else []
    parts += [f"{left_out} left out since their labels are not in the task"] if left_out else []
    return ", ".join(parts)


def _questions(config: Mapping[str, Any]) -> list[str]:
    """Those that are asked at once."""
    return [one["title"] for one in (config.get("together") or {"questions": ()})["questions"]]


def _asked(config: Mapping[str, Any]) -> str:
    parts = [_MODES.get(config.get("mode", "live"), "")]
    parts += ["by the Decisions API"] if config.get("ask") == "decisions" else []
    parts += [f"{config['repeats']} answers per item"] if config.get("repeats", 1) > 1 else []
    parts += [_ORDERS[config["order"]]] if config.get("order") else []
    parts += [f"temperature {config['temperature']:g}"] if "temperature" in config else []
    parts += ["without the cache"] if not config.get("use_cache", True) else []
    return ", ".join(parts)


def _parameters(config: Mapping[str, Any]) -> str:
    parts = [f"reasoning effort {config['reasoning_effort']}"] if config.get("reasoning_effort") else []
    parts += [f"at most {count(config['answer_tokens'], 'token')} per answer"] if config.get("answer_tokens") else []
    parts += [json.dumps(config["extra"], ensure_ascii=False)] if config.get("extra") else []
    return ", ".join(parts)


def _pace(config: Mapping[str, Any]) -> str:
    parts = [f"at most {config['in_flight']} calls in flight"] if config.get("in_flight") else []
    for unit in ("requests", "tokens"):
        if most := config.get(f"{unit}_per_minute"):
            parts.append(f"{most:,} {unit} per minute")
    return ", ".join(parts) or "adjusted while it ran"


def _masked(config: Mapping[str, Any]) -> str:
    masking = config.get("masking") or {}
    names = masking.get("names", ())
    return ", ".join([*masking.get("kinds", ()), *([count(len(names), "name")] if names else [])])


def _price(config: Mapping[str, Any]) -> str:
    price = price_of(config)
    if price is None:
        return "unknown"
    if price.input == 0 and price.output == 0:
        return FREE
    return f"{dollars(price.input)} in, {dollars(price.output)} out per million tokens ({price.source})"


def _cap(config: Mapping[str, Any]) -> str:
    cap = budget_of(config)
    parts = [dollars(cap.dollars)] if cap.dollars is not None else []
    parts += [count(cap.tokens, "token")] if cap.tokens is not None else []
    parts += [count(cap.calls, "call")] if cap.calls is not None else []
    return ", ".join(parts)
