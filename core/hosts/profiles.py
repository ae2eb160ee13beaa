"""Hosts as data. A new host of the same protocol is one more entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlparse

from core.model import Host

EMBEDDED = Host(
    key="embedded",
    title="Embedded host",
    base_url="",
    is_local=True,
    about="Runs on this machine: a linear classifier on frozen sentence embeddings, not a large language model.",
)
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Connection:
    """Where to send a request now, and with which key. Lives in memory only; `repr` hides the key."""

    base_url: str
    key: str

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r})"


def available_hosts(environment: Mapping[str, str]) -> dict[str, Host]:
    """The hosts that can be used as things stand, in the order of the screen; the embedded one always comes first.

    `OPENAI_API_KEY` brings OpenAI; `OPENAI_BASE_URL` any other server of that protocol, which may need no key.
    """
    hosts = {EMBEDDED.key: EMBEDDED}
    base_url = environment.get("OPENAI_BASE_URL", "").strip().rstrip("/")
    if base_url or environment.get("OPENAI_API_KEY"):
        hosts["openai"] = _openai(base_url or OPENAI_URL)
    return hosts


def _openai(base_url: str) -> Host:
    address = urlparse(base_url)
    is_openai = base_url == OPENAI_URL
    return Host(
        key="openai",
        title="OpenAI" if is_openai else f"Server at {address.netloc}",
        base_url=base_url,
        key_variable="OPENAI_API_KEY",
        is_local=address.hostname in ("localhost", "127.0.0.1", "::1"),
        about="" if is_openai else "A server of the OpenAI protocol, named by OPENAI_BASE_URL.",
    )
