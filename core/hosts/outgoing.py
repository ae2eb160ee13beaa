"""What the SDK may send and where to: to the host it was made for, and nothing it finds in the environment itself."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from core.errors import WorkbenchError
from core.hosts.addresses import without_secrets
from core.hosts.secrecy import Hider

_USUAL_PORT = {"http": 80, "https": 443}
_MEANT = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "transfer-encoding",
        "user-agent",
    }
)


class SentElsewhere(WorkbenchError):
    """The host answered that the request should go to another address. It did not go there."""

    def __init__(self, home: str, origin: tuple[str, str, int | None], hider: Hider) -> None:
        scheme, name, port = origin
        name = hider.text(name)
        other = f"{scheme}://{name}" + ("" if port == _USUAL_PORT.get(scheme) else f":{port}")
        super().__init__(
            f"The host at {home} redirects requests to {other}; nothing was sent there.",
            "If that is the host you mean, put its address on Hosts.",
        )


def only_what_is_meant(base_url: str, own_headers: Iterable[str], hider: Hider) -> Callable[[Any], None]:
    """A hook for each request, the redirected ones too.

    The SDK adds what it finds in OPENAI_ORG_ID, OPENAI_PROJECT_ID and OPENAI_CUSTOM_HEADERS, whoever the host is: that
    is taken out again. A download may come from where the host says, without the key; anything else that a host sends
    elsewhere raises `SentElsewhere`: the user allowed this host alone. `hider` takes its key out of that sentence.
    """
    home, own = _origin(base_url), {name.lower() for name in own_headers}

    def hook(request: Any) -> None:
        origin = _origin(str(request.url))
        if origin != home and (request.method not in ("GET", "HEAD") or origin[1] == home[1]):
            raise SentElsewhere(without_secrets(base_url), origin, hider)
        meant = _MEANT | own if origin == home else _MEANT - {"authorization"}
        for name in list(request.headers):
            if name.lower() not in meant:
                del request.headers[name]

    return hook


def _origin(address: str) -> tuple[str, str, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port or _USUAL_PORT.get(parts.scheme)
