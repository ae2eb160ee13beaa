"""The hot path: Chat Completions over one aiohttp session. Everything it returns is a `Reply` or a `Failure`."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from core.hosts.profiles import Connection, proxy_for
from core.hosts.wire import Failure, Reply, failure_of, read_reply
from core.model import ErrorKind

_MAX_ANSWER = 8 * 1024 * 1024
_HIDDEN = b"[key]"
_SHORTEST_SECRET = 8


class ChatClient:
    """One connection's session. Make it inside the loop that uses it; use it as an async context manager."""

    def __init__(self, connection: Connection, *, timeout_seconds: float = 60.0) -> None:
        address = urlsplit(connection.base_url)
        self._url = address._replace(path=address.path.rstrip("/") + "/chat/completions").geturl()
        self._secret = connection.key.encode() if len(connection.key) >= _SHORTEST_SECRET else b""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=timeout_seconds, connect=min(10.0, timeout_seconds)),
            proxy=proxy_for(connection.base_url),
            headers=_headers(connection.key, has_own=address.username is not None),
        )

    async def ask(self, body: Mapping[str, Any]) -> Reply | Failure:
        """One call, no retries: those are decided elsewhere."""
        started = time.perf_counter()
        try:
            data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
            async with self._session.post(self._url, data=data, allow_redirects=False) as response:
                content = self._without_key(await _read(response))
                if response.status != 200:
                    return failure_of(response.status, content, response.headers)
                reply = read_reply(content)
        except TimeoutError:
            waited = time.perf_counter() - started
            return Failure(ErrorKind.TIMEOUT, f"no answer within {waited:.0f} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Failure(ErrorKind.CONNECTION, _plain(error))
        return replace(reply, seconds=time.perf_counter() - started) if isinstance(reply, Reply) else reply

    def _without_key(self, content: bytes) -> bytes:
        """Some hosts repeat the key they refuse; it must not get into the database or onto the screen."""
        return content.replace(self._secret, _HIDDEN) if self._secret else content

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()


def _headers(key: str, *, has_own: bool) -> dict[str, str]:
    """`has_own`: the address names a user, who is sent instead of the key."""
    content = {"Content-Type": "application/json"}
    return content if has_own else {"Authorization": f"Bearer {key or 'none'}", **content}


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, cut off where it is longer than any answer could be."""
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
