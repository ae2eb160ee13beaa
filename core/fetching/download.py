"""One file from its address, over HTTP, within limits and to agreed hosts alone."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import urljoin

import aiohttp
from yarl import URL

from core.errors import WorkbenchError
from core.fetching.addresses import Address, parse_address
from core.fetching.reach import PUBLIC, Reach, is_public, refusal, resolver

_HEADERS = {"User-Agent": "LabelLoop", "Accept": "image/*, audio/*, video/*, */*;q=0.1", "Accept-Encoding": "identity"}
_MOVED = (301, 302, 303, 307, 308)
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_PIECE = 1 << 18
_WRITTEN = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


@dataclass(frozen=True)
class Limits:
    """Of one file: its bytes, the seconds until a connection stands, between two pieces and in all, how often one is
    sent on, how often it is tried, and the seconds before the second try (twice as many before the third)."""

    most_bytes: int = 100 * 2**20
    connect: float = 10.0
    idle: float = 30.0
    total: float = 1_800.0
    redirects: int = 5
    tries: int = 3
    first_wait: float = 1.0
    longest_wait: float = 30.0
    large: int = 4 * 2**20
    """A file of more than so many bytes is loaded while no other such file is, or memory would hold all of them."""


class NotFetched(WorkbenchError):
    """Why there is no file. `leads_to` is the host it was sent on to, where that one was not agreed to."""

    def __init__(self, message: str, leads_to: str = "") -> None:
        super().__init__(message, "Open the address in a browser, or give the files in a zip.")
        self.leads_to = leads_to


class _Again(Exception):
    """Worth another try; `seconds` as the host asked for."""

    def __init__(self, why: NotFetched, seconds: float | None = None) -> None:
        super().__init__(why.message)
        self.why, self.seconds = why, seconds


class Downloads:
    """A session: `async with` it, then `load` as many files at once as wanted.

    `hosts` are those that the user agreed to; no other is asked, whoever sends it there. Sends neither cookies nor
    what the environment says of proxies or passwords.
    """

    def __init__(
        self, hosts: frozenset[str], reach: Reach = PUBLIC, limits: Limits = Limits(), at_once: int = 8
    ) -> None:
        self._hosts, self._reach, self._limits, self._at_once = hosts, reach, limits, at_once
        self._large = asyncio.Lock()

    async def __aenter__(self) -> "Downloads":
        limits = self._limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver(self._reach), limit=self._at_once, limit_per_host=4, use_dns_cache=False
            ),
            timeout=aiohttp.ClientTimeout(limits.total, sock_connect=limits.connect, sock_read=limits.idle),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def load(self, text: str, refuse_too_large: Callable[[int], None] = lambda size: None) -> bytes:
        """The bytes at an address. Raises `NotFetched` with one sentence, and `WorkbenchError` for what is no address,
        a host that is not public, and as `refuse_too_large` does, which is called as soon as a size is known."""
        for n in range(1, self._limits.tries + 1):
            try:
                return await self._followed(parse_address(text), refuse_too_large)
            except _Again as failed:
                if n == self._limits.tries:
                    raise failed.why from failed
                wait = failed.seconds if failed.seconds is not None else self._limits.first_wait * 2 ** (n - 1)
                await asyncio.sleep(min(wait, self._limits.longest_wait))
        raise AssertionError("a file is tried at least once")

    async def _followed(self, address: Address, refuse: Callable[[int], None]) -> bytes:
        for _ in range(self._limits.redirects + 1):
            found = await self._asked(address, refuse)
            if isinstance(found, bytes):
                return found
            address = found
        raise NotFetched(f"{address.host} sends on more than {self._limits.redirects} times.")

    async def _asked(self, address: Address, refuse: Callable[[int], None]) -> bytes | Address:
        if _is_number(address.name) and not self._reach.allows(address.name, address.name, address.port):
            raise refusal(address.name)
        if address.host not in self._hosts:
            raise NotFetched(f"{address.host} is not among the hosts that may be asked.", address.host)
        try:
            async with self._session.get(_as_written(address.url), allow_redirects=False) as answer:
                if answer.status in _MOVED:
                    return self._sent_on(address, answer.headers.get("Location", ""))
                _refuse_status(address, answer)
                return await self._read(answer, refuse)
        except TimeoutError as error:
            raise _Again(NotFetched(f"{address.host} did not answer in time.")) from error
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as error:
            raise _Again(NotFetched(f"{address.host} broke off before the file was complete.")) from error
        except aiohttp.ClientSSLError as error:
            raise NotFetched(f"The certificate of {address.host} is not valid.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _Again(NotFetched(f"{address.host} cannot be reached.")) from error

    def _sent_on(self, address: Address, location: str) -> Address:
        try:
            onward = parse_address(urljoin(address.url, location))
        except (WorkbenchError, ValueError) as error:
            raise NotFetched(f"{address.host} sends on to what is no address of the web.") from error
        if address.scheme == "https" and onward.scheme != "https":
            raise NotFetched(f"{address.host} sends on to an address without encryption.")
        if onward.host not in self._hosts:
            text = f"{address.host} sends on to {onward.host}, which is not among the hosts that may be asked."
            raise NotFetched(text, onward.host)
        return onward

    async def _read(self, answer: aiohttp.ClientResponse, refuse: Callable[[int], None]) -> bytes:
        told = answer.content_length
        if told is not None:
            refuse(told)
        body = bytearray()
        is_large = False
        try:
            async for piece in answer.content.iter_chunked(_PIECE):
                body += piece
                refuse(len(body))
                if not is_large and max(told or 0, len(body)) > self._limits.large:
                    await self._large.acquire()
                    is_large = True
            return bytes(body)
        finally:
            if is_large:
                self._large.release()


def _as_written(url: str) -> URL:
    """To the letter where it is written for the wire: a signature in it covers how signs are escaped."""
    return URL(url, encoded=_WRITTEN.fullmatch(url) is not None)


def _is_number(name: str) -> bool:
    return is_public(name) or ":" in name or name.replace(".", "").isdigit()


def _refuse_status(address: Address, answer: Any) -> None:
    status = answer.status
    if status == HTTPStatus.OK:
        return
    try:
        words = f" ({HTTPStatus(status).phrase.lower()})"
    except ValueError:
        words = ""
    why = NotFetched(f"{address.host} answered {status}{words}.")
    if status in _AGAIN:
        told = answer.headers.get("Retry-After", "")
        raise _Again(why, float(told) if told.isdecimal() and len(told) < 6 else None)
    raise why
