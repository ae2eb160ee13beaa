"""Addresses of files as they stand in a table."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from core.errors import WorkbenchError

_PORTS = {"http": 80, "https": 443}
_MOST = 4_000
_DO = "Correct it in the file."


@dataclass(frozen=True)
class Address:
    """What is asked for, and `host` as it is shown and agreed to: the name, with the port where that is not the usual
    one."""

    url: str
    scheme: str
    name: str
    port: int

    @property
    def host(self) -> str:
        shown = f"[{self.name}]" if ":" in self.name else self.name
        return shown if self.port == _PORTS[self.scheme] else f"{shown}:{self.port}"


def parse_address(text: str) -> Address:
    """Raises `WorkbenchError` for what is no address of the web, and for one that carries a password."""
    text = text.strip()
    if len(text) > _MOST:
        raise WorkbenchError(f"The address is longer than {_MOST:,} characters.", _DO)
    try:
        parts = urlsplit(text)
        port = parts.port
        name = (parts.hostname or "").rstrip(".")
        if not name.isascii():
            name = name.encode("idna").decode()
    except ValueError as error:
        raise WorkbenchError("The address cannot be read.", _DO) from error
    if parts.scheme not in _PORTS or not name:
        raise WorkbenchError("The address does not begin with https:// or http:// and a host.", _DO)
    if parts.username is not None or parts.password is not None:
        raise WorkbenchError("The address has a user name or password in it, which is not sent.", _DO)
    # As a browser does, and without what is after #, which no server is sent.
    where = f"[{name}]" if ":" in name else name
    where = where if port is None else f"{where}:{port}"
    url = urlunsplit((parts.scheme, where, parts.path or "/", parts.query, ""))
    return Address(url, parts.scheme, name, _PORTS[parts.scheme] if port is None else port)


def host_of(text: str) -> str:
    """The host of an address; "" for what is none that can be asked."""
    try:
        return parse_address(text).host
    except WorkbenchError:
        return ""
