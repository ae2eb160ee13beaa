"""Addresses of hosts: where to send a request, what of an address may be shown, which machine it names."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from core.errors import WorkbenchError
from core.hosts.secrecy import looks_like_a_key

_ROUTE = re.compile(r"/(?:chat/completions|completions|responses|models|embeddings)$", re.IGNORECASE)
_OLLAMA_ROUTE = re.compile(r"/api(?:/(?:chat|generate|tags|embed|embeddings|show|ps|version))?$", re.IGNORECASE)
_OTHER_ROUTE = re.compile(
    r"/(?:chat|batches|files|uploads|fine_tuning|fine_tuning/jobs|messages|messages/(?:batches|count_tokens)|moderations"
    r"|rerank|score|tokenize|(?:audio|images)(?:/\w+)?|engines(?:/[^/]+)?|deployments(?:/[^/]+)?"
    r"|(?:swagger|docs|redoc|ui)(?:/index\.html)?|swagger-ui(?:/index\.html)?|(?:openapi|swagger)\.(?:json|yaml)"
    r"|health|healthz|ping|metrics|version)$|(?<=/v1)/v1$",
    re.IGNORECASE,
)
_VERSION = re.compile(r"/v\d+(?:beta)?(?=/|$)", re.IGNORECASE)
_MOST_ROUTES = 5
_VERSION_BEHIND = re.compile(r"/v1$", re.IGNORECASE)
_PLACE = re.compile(r"\{(\w+)\}")
_AT_HOME = (".local", ".lan", ".home.arpa", ".docker.internal")
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)


@dataclass(frozen=True)
class Connection:
    """Where to send a request now, and with which key. Lives in memory only: also the address may hold a secret.

    `headers` carry the key where the host wants it elsewhere than in `Authorization`; `key_variable` names where it was
    looked for.
    """

    base_url: str
    key: str
    headers: Mapping[str, str] = field(default_factory=dict)
    key_variable: str = ""

    def auth_headers(self) -> dict[str, str]:
        """What says who is asking. Nothing where the address names a user, who is then sent by the HTTP client."""
        if urlsplit(self.base_url).username is not None:
            return {}
        return dict(self.headers) or {"Authorization": f"Bearer {self.key or 'none'}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a host may repeat of all this, and nobody may see: the key, what of the address is not shown, and who
        asks the proxy on the way."""
        queried = (value for _, value in parse_qsl(urlsplit(self.base_url).query))
        proxy = proxy_for(self.base_url)
        return (self.key, *self.headers.values(), *_named_in(self.base_url), *queried, *_named_in(proxy or ""))

    @property
    def has_key(self) -> bool:
        """Whether the host is told who is asking: by a key, or by a user in the address."""
        return bool(self.key) or urlsplit(self.base_url).username is not None

    def key_wanted(self, host: str = "The host") -> tuple[str, str]:
        """What to say where the host asks for a key and none was sent: a sentence without its full stop, and what to
        do about it."""
        if self.key_variable:
            return f"{host} asks for a key, and {self.key_variable} is not set", set_or_type(self.key_variable)
        return f"{host} asks for a key", "Type it on Hosts, or name its variable there."

    def __repr__(self) -> str:
        return f"Connection({without_secrets(self.base_url)!r})"


def _named_in(address: str) -> tuple[str, ...]:
    """Of user and password in an address what is secret, also as both are sent; nothing of what is no address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ()
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return (password, f"{user}:{password}") if password else (user,)


def without_secrets(address: str) -> str:
    """The address as it may be shown and stored: without user, password, query and fragment."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def checked_address(address: str) -> str:
    """The address as it is stored: what ends in a route is cut to where the routes are.

    Raises `WorkbenchError` for what is none, or holds what may be a secret.
    """
    said = _ROUTE.sub("", address.strip().rstrip("/"))
    if missing := places(said):
        raise WorkbenchError(f"The address still contains {{{missing[0]}}}.", "Replace that with your own.")
    try:
        parts = urlsplit(said)
        is_address = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_address = False
    if not is_address or any(sign.isspace() for sign in said):
        raise WorkbenchError(
            "This is not the address of a host.", "It begins with http:// or https://, and often ends in /v1."
        )
    if "@" in parts.netloc or "?" in said or "#" in said or looks_like_a_key(parts.path):
        raise WorkbenchError(
            "The address contains what may be a key, a user name, a password or a query, and those are never stored.",
            "Leave them out; give the key by the name of its variable, or type it.",
        )
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def likely_address(address: str) -> str:
    """Where the routes of an address that was found to have none are likely to be: it ends in /v1 as a rule.

    Routes of Ollama's own, which are no part of the protocol, are left out; `/V1` is `/v1`.
    """
    parts = urlsplit(without_secrets(address))
    path = parts.path.rstrip("/")
    for _ in range(_MOST_ROUTES):
        path = _without_route(path)
        bare = _VERSION_BEHIND.sub("", path)  # somebody has put it behind a route
        path = path if _without_route(bare) == bare else _without_route(bare)
    if _OLLAMA_ROUTE.search(path) and (path.lower() != "/api" or parts.port == 11434):
        path = _OLLAMA_ROUTE.sub("", path)
    if not path and (parts.hostname or "").endswith(".azure.com"):
        path = "/openai"
    version = _VERSION.search(path)
    path = path[: version.start()] + version.group().lower() + path[version.end() :] if version else f"{path}/v1"
    return parts._replace(path=path).geturl()


def _without_route(path: str) -> str:
    return _OTHER_ROUTE.sub("", _ROUTE.sub("", path)).rstrip("/")


def set_or_type(variable: str, *, again: bool = False) -> str:
    """What to do about a key whose variable was just said not to be set; `again` where one was typed before instead."""
    if again:
        return f"Type it again on Hosts{f', or set {variable} and start LabelLoop again' if variable else ''}."
    return "Set it and start LabelLoop again, or type the key on Hosts." if variable else "Type the key on Hosts."


def places(address: str) -> list[str]:
    """The names in braces, which the user has to fill in."""
    return _PLACE.findall(address)


def is_loopback(address: str) -> bool:
    """Whether the address is this very machine, which no proxy can reach."""
    name = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_private(address: str) -> bool:
    """Whether the address is this machine or one of its own network, as far as the address alone tells.

    A name counts where only a network at home or at work knows it: one without a dot, or that ends as such names do.
    """
    name = (urlsplit(address).hostname or "").rstrip(".")
    try:
        ip = ipaddress.ip_address(name)
    except ValueError:
        return is_loopback(address) or bool(name) and ("." not in name or name.endswith(_AT_HOME))
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_loopback or any(ip in network for network in _PRIVATE if network.version == ip.version)


def proxy_for(address: str) -> str | None:
    """The proxy the environment names for this address, as the SDK would take it; None where it is reached directly."""
    parts = urlsplit(address)
    if is_loopback(address) or proxy_bypass(parts.hostname or ""):
        return None
    named = getproxies()
    return named.get(parts.scheme) or named.get("all")
