"""The control plane: what is asked of a host once in a while, through the `openai` SDK.

Its list of models is fetched without the SDK, in the same way and under the same bounds: pages ask for it first of all,
and importing the SDK alone takes as long as a page may.
"""

import logging
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core.errors import WorkbenchError
from core.host_refusals import retry_after_of
from core.hosts.addresses import Connection, is_loopback, likely_address, without_secrets
from core.hosts.incoming import only_so_much
from core.hosts.outgoing import only_what_is_meant
from core.hosts.secrecy import Hider
from core.text import read_json

if TYPE_CHECKING:
    import httpx2

_NO_CHAT = re.compile(
    r"embed|(^|[^a-z])(tts|whisper|dall-e|sora|moderation|rerank|ocr|asr|flux|clip|bge|e5|gte)([^a-z]|$)"
    r"|stable-diffusion|transcribe|realtime|audio|image|speech|guard"
)
_TALKATIVE = ("httpx", "httpx2", "httpcore", "httpcore2", "openai")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_PASSING = (408, 409, 429)
_RETRY_SECONDS, _LONGEST_WAIT = 0.5, 20.0


@dataclass(frozen=True)
class ServedModel:
    """A model as the host lists it; `shutdown_date` is the ISO date on which the host says it ends."""

    name: str
    shutdown_date: str | None = None


def sdk_client(connection: Connection, *, timeout: float, max_retries: int) -> Any:
    """The SDK's `OpenAI` on this connection, bound to it by `only_what_is_meant` and `only_so_much`.

    It takes the proxies of the environment, but never to this very machine: there the text and the key of the request
    would be somebody else's to read.
    """
    import openai

    parts = urlsplit(connection.base_url)
    headers = _headers(connection)
    return openai.OpenAI(
        base_url=without_secrets(connection.base_url),
        api_key=connection.key or "none",
        timeout=timeout,
        max_retries=max_retries,
        default_headers=headers,
        default_query=dict(parse_qsl(parts.query)),
        http_client=openai.DefaultHttpxClient(**_bounds(connection)),
    )


def _headers(connection: Connection) -> dict[str, str]:
    """What says who is asking, where it is not the usual key."""
    parts = urlsplit(connection.base_url)
    return {**_basic(parts.username, parts.password), **connection.headers}


def _bounds(connection: Connection) -> dict[str, Any]:
    """What binds an HTTP client to this connection."""
    _hush()
    hider = Hider(*connection.secrets)
    hooks = {
        "request": [only_what_is_meant(connection.base_url, _headers(connection), hider)],
        "response": [only_so_much(hider), _leave_refusals_to_us],
    }
    return {"trust_env": not is_loopback(connection.base_url), "event_hooks": hooks}


def _leave_refusals_to_us(response: Any) -> None:
    """The SDK would wait for two minutes in silence, three times, and hear of no cancel meanwhile."""
    is_told = response.status_code == 503 and retry_after_of(response.headers) is not None
    if response.status_code == 429 or is_told:
        response.headers["x-should-retry"] = "false"


def _basic(user: str | None, password: str | None) -> dict[str, str]:
    """The user of the address as a header: headers are kept out of the logs, addresses are not."""
    if user is None:
        return {}
    return {"Authorization": "Basic " + b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()}


def _hush() -> None:
    """The HTTP library writes whole addresses into the log, which may hold a token. Whoever wants that has to say so
    for its own loggers."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)


def list_models(connection: Connection, *, timeout: float = 20.0) -> list[ServedModel]:
    """The models the host serves, as it orders them. Raises `WorkbenchError` where it cannot be asked."""
    import httpx2

    address = without_secrets(connection.base_url)
    try:
        response = _twice_at_most(lambda: _asked_for_models(connection, timeout))
    # Without their causes: the tracebacks of those would say what the host said, and some repeat the key.
    except httpx2.TimeoutException:
        raise WorkbenchError(f"The host at {address} did not answer within {timeout:.0f} seconds.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise _unreachable(address, error) from None
    if not response.is_success:
        raise _refused(address, response.status_code, connection)
    try:
        return [_served(model) for model in read_json(response.read())["data"]]
    except (ValueError, KeyError, AttributeError, TypeError):
        raise WorkbenchError(
            f"The server at {address} does not speak the OpenAI protocol.", _ends_in_v1(address)
        ) from None


def _asked_for_models(connection: Connection, timeout: float) -> "httpx2.Response":
    import httpx2

    parts = urlsplit(connection.base_url)
    headers = {
        "Accept": "application/json",
        "Authorization": f"Bearer {connection.key or 'none'}",
        **_headers(connection),
    }
    bounds = _bounds(connection)
    with httpx2.Client(timeout=timeout, headers=headers, follow_redirects=True, **bounds) as client:
        address = without_secrets(connection.base_url).rstrip("/")
        return client.get(f"{address}/models", params=dict(parse_qsl(parts.query)) or None)


def _twice_at_most(ask: "Callable[[], httpx2.Response]") -> "httpx2.Response":
    """Asked again where that may help: no connection, no answer in time, or a status that passes."""
    import httpx2

    wait = _RETRY_SECONDS
    try:
        response = ask()
        if response.status_code not in _PASSING and response.status_code < 500:
            return response
        told = retry_after_of({name.lower(): value for name, value in response.headers.items()})
        if told is not None and told > _LONGEST_WAIT:
            return response
        wait = max(wait, told or 0.0)
    except httpx2.TransportError:
        pass
    time.sleep(wait)
    return ask()


def looks_like_chat(name: str) -> bool:
    """By its name alone: whether a model is likely to answer questions, and not to embed, speak, draw or moderate."""
    return _NO_CHAT.search(name.lower()) is None


def _served(model: Mapping[str, Any]) -> ServedModel:
    said = str(model.get("shutdown_date") or "")
    date = _ISO_DATE.match(said)
    return ServedModel(str(model["id"]), date.group() if date else None)


def _unreachable(address: str, error: BaseException) -> WorkbenchError:
    """Why there is no connection, as far as the chain of causes tells."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "SSL" in str(cause) or "CERTIFICATE" in str(cause):
            return WorkbenchError(
                f"The host at {address} cannot be reached safely: its certificate or its TLS is not accepted.",
                "Check whether it begins with http:// or https://, and whether this machine trusts its certificate.",
            )
        cause = cause.__cause__ or cause.__context__
    return WorkbenchError(f"The host at {address} cannot be reached.", "Check that it is running, then try again.")


def _refused(address: str, status: int, connection: Connection) -> WorkbenchError:
    if status in (401, 403) and not connection.has_key:
        said, hint = connection.key_wanted()
        return WorkbenchError(f"{said}.", hint)
    if status == 401:
        return WorkbenchError("The host refused the key.", "Check it on Hosts, or where it is set.")
    if status == 403:
        return WorkbenchError(
            "The host does not accept this key (HTTP 403).", "Check what the key is allowed to do there."
        )
    if status == 404:
        return WorkbenchError(
            f"There is no list of models at {address} (HTTP 404).", f"{_ends_in_v1(address)} Or type the model's name."
        )
    return WorkbenchError(f"The host could not list its models (HTTP {status}).")


def _ends_in_v1(address: str) -> str:
    likely = likely_address(address)
    return "Check the address." if likely == address.rstrip("/") else f"Try {likely} instead."
