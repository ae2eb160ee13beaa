"""What a host is and can do, in words. Markdown, with everything that came from elsewhere written as text."""

import time

from core.model import Host
from core.services.hosts.keys import KeyState
from core.services.hosts.vocabulary import Findings, Route, profile_of
from pages._ui.words.text import count, plain

_KNOWN = {Route.BATCH: "batches", Route.FINE_TUNE: "fine-tuning", Route.DECISIONS: "decisions"}
_SOURCES = {
    "environment": "from the environment",
    "secrets": "from secrets.toml",
    "typed": "typed: kept in memory until LabelLoop stops",
}

_SHORT = {"environment": "environment", "secrets": plain("secrets.toml"), "typed": "typed"}


def connected(findings: Findings) -> str:
    """`Connected, 14 models. gpt-x: strict json_schema works, logprobs yes, …, 230 ms`, or what is in the way."""
    if findings.came_to_nothing:
        return f"The test failed {ago(findings.tested_at)}. {plain(findings.trouble)}"
    models = "it lists no models" if findings.models is None else count(findings.models, "model")
    if findings.trouble:
        return f"Connected, {models}. {plain(findings.trouble)}"
    parts = [_shape(findings), f"logprobs {'yes' if findings.logprobs else 'no'}"]
    parts += [] if findings.temperature else ["temperature fixed by the host"]
    parts += [f"rate limits {limits(findings)}" if limits(findings) else "no rate limits announced"]
    return f"Connected, {models}. {plain(findings.model)}: {', '.join(parts)}, {findings.seconds * 1000:,.0f} ms"


def _shape(findings: Findings) -> str:
    if findings.ignores_schema:
        return f"accepts a schema but does not follow it, so it is asked by {findings.asking}"
    return f"{findings.asking} works"


def limits(findings: Findings) -> str:
    """`announced (500 requests, 30,000 tokens)`; empty where the host announces none."""
    named = ((findings.limit_requests, "request"), (findings.limit_tokens, "token"))
    said = [count(number, noun) for number, noun in named if number is not None]
    return f"announced ({', '.join(said)})" if said else ""


def can_do(findings: Findings | None) -> str:
    """The cell of the table: what was found out, and when, lighter."""
    if findings is None:
        return ":gray[not tested]"
    tested = ago(findings.tested_at)
    if findings.trouble:
        facts = [plain(findings.model, 24)] if findings.model else []
        said = f":red[:material/error: failed: {plain(short(findings), 60)}]"
        return f"{said}  \n:small[:gray[{' · '.join([*facts, tested])}]]"
    parts = [plain(findings.asking), "logprobs" if findings.logprobs else ":gray[no logprobs]"]
    facts = [count(findings.models, "model")] if findings.models is not None else []
    facts += [f"{findings.seconds * 1000:,.0f} ms", tested]
    return f"{' · '.join(parts)}  \n:small[:gray[{' · '.join(facts)}]]"


def short(findings: Findings) -> str:
    """Why a test failed, as a clause: `cannot be reached`. The address is left out, it stands beside it."""
    said = findings.trouble.replace(f" at {findings.base_url}", "").removeprefix("The host ").partition(". ")[0]
    return said.removesuffix(".")


def ago(moment: float) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `12 days ago`."""
    seconds = max(0.0, time.time() - moment)
    for unit, name in ((86400, "day"), (3600, "h"), (60, "min")):
        if (number := int(seconds // unit)) >= 1:
            return f"{count(number, name) if name == 'day' else f'{number} {name}'} ago"
    return "just now"


def where(host: Host, is_allowed: bool, *, is_running: bool = False) -> str:
    """The cell of the table: the address, and on which side of the wall it is."""
    if not host.base_url:
        state = "running" if is_running else "starts when it is first needed"
        return f"this machine  \n:small[:gray[{state}]]"
    side = (
        "this machine" if host.is_local else "outside · allowed" if is_allowed else ":orange[outside · not allowed yet]"
    )
    return f"{plain(host.base_url.removeprefix('https://'), 30)}  \n:small[:gray[{side}]]"


def key_state(state: KeyState) -> str:
    """The cell of the table: whether there is a key, and from where; never the key."""
    variable = plain(state.variable, 26)
    if state.source in _SOURCES:
        where_from = variable if variable and state.source != "typed" else "until LabelLoop stops"
        return f":green[:material/check:] {_SHORT[state.source]}  \n:small[:gray[{where_from}]]"
    if state.is_missing:
        why = f"{variable} is not set" if variable else "type it"
        why = "typed before: type it again" if state.was_typed else why
        return f":orange[:material/key_off: missing]  \n:small[:gray[{why}]]"
    return f":gray[none]  \n:small[:gray[{variable} is not set]]" if variable else ":gray[not needed]"


def missing_key(state: KeyState) -> str:
    """Why there is no key, and what to do, below the table; empty where there is one or none is looked for."""
    if state.source in _SOURCES:
        return ""
    if state.was_typed:
        return ":orange[The key that was typed is gone since LabelLoop restarted: type it again.]"
    variable = plain(state.variable)
    if state.is_missing and variable:
        return f":orange[{variable} is not set: set it and start LabelLoop again, or type the key here.]"
    return f"{variable} is not set, so it is asked without a key." if variable else ""


def with_which_key(state: KeyState) -> str:
    """`, with the key from GROQ_API_KEY`: what else is sent to a host that is to be allowed."""
    variable = plain(state.variable)
    said = {
        "environment": f", with the key from {variable}",
        "secrets": f", with the key from {plain('secrets.toml')}",
        "typed": ", with the key you typed",
    }
    if state.source in said:
        return said[state.source]
    if state.is_missing:
        once = f"once {variable} is set" if variable else "once it has a key"
        return ", " + ("once its key is typed again" if state.was_typed else once)
    return f", without a key: {variable} is not set" if variable else ", without a key"


def key_from(source: str) -> str:
    """`The key is from secrets.toml.`; empty where there is none."""
    return f"The key is {plain(_SOURCES[source])}." if source in _SOURCES else ""


def known_routes(host: Host) -> str:
    """What hosts of its kind are known for beyond labelling: `batches, fine-tuning`; may be empty.

    Of a gateway or a server of the user's own nothing is known beforehand.
    """
    if profile_of(host).key in ("custom", "litellm"):
        return ""
    return ", ".join(said for route, said in _KNOWN.items() if route in profile_of(host).routes)
