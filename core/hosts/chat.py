"""The hot path: one aiohttp session, one call a question. Everything it returns is a `Reply` or a `Failure`."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from core.host_refusals import retry_after_of
from core.hosts.addresses import Connection, proxy_for
from core.hosts.answers import Reply, read_reply
from core.hosts.decisions import read_decision
from core.hosts.failures import Failure, failure_of
from core.hosts.rates import read_rates
from core.hosts.secrecy import Hider
from core.hosts.wire_json import to_json
from core.model import ErrorKind

_MAX_ANSWER = 8 * 1024 * 1024
_LARGE = 2**18
_CONNECT_SECONDS = 10.0


class ChatClient:
    """One connection's session. Make it inside the loop that uses it; use it as an async context manager."""

    def __init__(self, connection: Connection, *, timeout_seconds: float = 60.0) -> None:
        self._chat = _url(connection.base_url, "/chat/completions")
        self._decisions = _url(connection.base_url, "/decisions")
        self._hider = Hider(*connection.secrets)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
            cookie_jar=aiohttp.DummyCookieJar(),
            proxy=proxy_for(connection.base_url),
            headers={"Content-Type": "application/json", **connection.auth_headers()},
        )

    async def ask(self, body: Mapping[str, Any] | bytes) -> Reply | Failure:
        """One chat completion, no retries: those are decided elsewhere. `body` as JSON already where it is bytes."""
        return await self._post(self._chat, body, read_reply)

    async def decide(self, body: Mapping[str, Any] | bytes) -> Reply | Failure:
        """One decision, as `core.hosts.decisions` writes and reads it."""
        return await self._post(self._decisions, body, read_decision)

    async def _post(
        self, url: URL | str, body: Mapping[str, Any] | bytes, read: Callable[..., Reply | Failure]
    ) -> Reply | Failure:
        started = time.perf_counter()
        try:
            data = body if isinstance(body, bytes) else to_json(body)
            async with self._session.post(url, data=data, allow_redirects=False) as response:
                content = await self._without_secrets(await _read(response))
                rates = read_rates(response.headers, time.time())
                if response.status != 200:
                    return failure_of(response.status, content, response.headers, rates)
                found = read(content, seconds=time.perf_counter() - started, rates=rates)
                if isinstance(found, Failure):  # in a 200: what its headers say holds all the same
                    return replace(found, rates=rates, retry_after=retry_after_of(response.headers))
                return found
        except aiohttp.ConnectionTimeoutError:
            return Failure(ErrorKind.CONNECTION, f"no connection within {_CONNECT_SECONDS:.0f} seconds")
        except TimeoutError:
            waited = time.perf_counter() - started
            return Failure(ErrorKind.TIMEOUT, f"no answer within {waited:.0f} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Failure(ErrorKind.CONNECTION, self._hider.text(_plain(error)))

    async def _without_secrets(self, content: bytes) -> bytes:
        """A large one in a thread: others wait for the loop."""
        if len(content) < _LARGE:
            return self._hider.data(content)
        return await asyncio.to_thread(self._hider.data, content)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()


def _url(base_url: str, route: str) -> URL | str:
    """Read once, not with every call; left as text where it is no address, so that calling says so."""
    parts = urlsplit(base_url)
    address = parts._replace(path=parts.path.rstrip("/") + route).geturl()
    try:
        return URL(address)
    except ValueError:
        return address


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, cut off where it is longer than any answer could be."""
    length = response.content_length
    if length is not None and length <= _MAX_ANSWER and "Content-Encoding" not in response.headers:
        return await response.read()
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MAX_ANSWER:
            break
    return bytes(content)


def _plain(error: Exception) -> str:
    if isinstance(error, aiohttp.InvalidURL):
        return "the host's address is not valid"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}"
    return str(error) or type(error).__name__
