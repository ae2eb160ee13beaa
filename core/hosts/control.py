"""The control plane: what is asked of a host once in a while, through the `openai` SDK."""

import logging
import re
import ssl
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core.errors import WorkbenchError
from core.hosts.addresses import Connection, is_loopback, likely_address, without_secrets
from core.hosts.incoming import only_so_much, ours_behind
from core.hosts.outgoing import only_what_is_meant
from core.hosts.secrecy import Hider

_NO_CHAT = re.compile(
    r"embed|(^|[^a-z])(tts|whisper|dall-e|sora|moderation|rerank|ocr|asr|flux|clip|bge|e5|gte)([^a-z]|$)"
    r"|stable-diffusion|transcribe|realtime|audio|image|speech|guard"
)
_TALKATIVE = ("httpx", "httpx2", "httpcore", "httpcore2", "openai")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


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

    _hush()
    parts = urlsplit(connection.base_url)
    headers = {**_basic(parts.username, parts.password), **connection.headers}
    hooks = {
        "request": [only_what_is_meant(connection.base_url, headers)],
        "response": [only_so_much(Hider(*connection.secrets))],
    }
    return openai.OpenAI(
        base_url=without_secrets(connection.base_url),
        api_key=connection.key or "none",
        timeout=timeout,
        max_retries=max_retries,
        default_headers=headers,
        default_query=dict(parse_qsl(parts.query)),
        http_client=openai.DefaultHttpxClient(trust_env=not is_loopback(connection.base_url), event_hooks=hooks),
    )


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
    import openai

    address = without_secrets(connection.base_url)
    try:
        return [_served(model) for model in sdk_client(connection, timeout=timeout, max_retries=1).models.list().data]
    # Without their causes: the tracebacks of those would say what the host said, and some repeat the key.
    except openai.APITimeoutError:
        raise WorkbenchError(f"The host at {address} did not answer within {timeout:.0f} seconds.") from None
    except openai.APIConnectionError as error:
        raise ours_behind(error) or _unreachable(address, error) from None
    except openai.APIStatusError as error:
        raise _refused(address, error.status_code, connection) from None
    except (openai.OpenAIError, ValueError, AttributeError, TypeError):
        raise WorkbenchError(
            f"What answers at {address} does not speak the OpenAI protocol.", _ends_in_v1(address)
        ) from None


def looks_like_chat(name: str) -> bool:
    """By its name alone: whether a model is likely to answer questions, and not to embed, speak, draw or moderate."""
    return _NO_CHAT.search(name.lower()) is None


def _served(model: Any) -> ServedModel:
    said = str(getattr(model, "shutdown_date", None) or "")
    date = _ISO_DATE.match(said)
    return ServedModel(str(model.id), date.group() if date else None)


def _unreachable(address: str, error: BaseException) -> WorkbenchError:
    """Why there is no connection, as far as the chain of causes tells."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) or "SSL" in str(cause) or "CERTIFICATE" in str(cause):
            return WorkbenchError(
                f"The host at {address} cannot be reached safely: its certificate or its TLS is not accepted.",
                "Check whether it begins with http:// or https://, and whether its certificate is known here.",
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
        return WorkbenchError("The host does not let this key in (HTTP 403).", "Check what the key may do there.")
    if status == 404:
        return WorkbenchError(
            f"There is no list of models at {address} (HTTP 404).", f"{_ends_in_v1(address)} Or type the model's name."
        )
    return WorkbenchError(f"The host could not list its models (HTTP {status}).")


def _ends_in_v1(address: str) -> str:
    likely = likely_address(address)
    return "Check the address." if likely == address.rstrip("/") else f"Try {likely} instead."
