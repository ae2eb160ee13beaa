"""The list of hosts: those of the database, and those the environment brings. It asks no host anything."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from core.errors import WorkbenchError
from core.hosts.addresses import checked_address, is_loopback, without_secrets
from core.hosts.profiles import EMBEDDED, OPENAI_URL, PROFILES, HostProfile, Route, profile_of
from core.model import Host, Masking
from core.services.hosts.drafts import HostDraft, draft_of, row_of
from core.services.hosts.keys import NONE, Keys
from core.settings import Settings
from core.storage import hosts as stored
from core.storage.engine import Database
from core.storage.hosts import StoredHost

_REMOVED_HINT = "Restore it on Hosts."
_SERVER_VARIABLE = "OPENAI_BASE_URL"


class HostList:
    """A found host that was edited is stored under the same key, and follows its address unless that was edited."""

    def __init__(self, settings: Settings, db: Database, keys: Keys) -> None:
        self._settings, self._db, self._keys = settings, db, keys

    def all(self) -> list[Host]:
        hosts, removed = self._read()
        return [host for key, host in hosts.items() if key not in removed]

    def removed(self) -> list[Host]:
        hosts, removed = self._read()
        return [hosts[key] for key in reversed(removed) if key in hosts]

    def get(self, key: str) -> Host:
        hosts, removed = self._read()
        if key in removed:
            title = hosts[key].title if key in hosts else key
            raise WorkbenchError(f"The host “{title}” was removed.", _REMOVED_HINT)
        if key not in hosts:
            raise WorkbenchError(f"The host “{key}” is not set up here.", "Add it on Hosts, or set its key.")
        return hosts[key]

    def add(self, profile: str, draft: HostDraft) -> Host:
        with self._db.write() as conn:
            taken = {row.key for row in stored.list_all(conn)} | self._found().keys()
            key = next(name for name in _names(profile) if name not in taken)
            stored.save(conn, row_of(key, profile, draft, base_url=checked_address(draft.base_url)))
        return self.get(key)

    def edit(self, key: str, draft: HostDraft) -> Host:
        host, found = self.get(key), self._found().get(key)
        if host.key == EMBEDDED.key:
            base_url = ""
        else:
            base_url = checked_address(draft.base_url)
            base_url = "" if found is not None and base_url == found.base_url else base_url
        with self._db.write() as conn:
            stored.save(conn, row_of(key, host.profile, draft, base_url=base_url))
        return self.get(key)

    def set_removed(self, key: str, removed: bool) -> None:
        """A found one is stored as removed, so that the environment does not bring it back by itself."""
        if key == EMBEDDED.key:
            raise WorkbenchError("The embedded host cannot be removed.", "It starts only when it is used.")
        with self._db.write() as conn:
            if key not in {row.key for row in stored.list_all(conn)}:
                host = self.get(key)
                stored.save(conn, row_of(key, host.profile, draft_of(host), base_url=""))
            stored.set_removed(conn, key, removed)

    def found_through(self, key: str) -> str:
        host = self._found().get(key)
        if host is None or key == EMBEDDED.key:
            return ""
        return _SERVER_VARIABLE if host.profile == "custom" else host.key_variable

    def is_variable_of_the_user(self, host: Host) -> bool:
        """Whether the user named the variable of its key: then there is one. The one its kind comes with may be unset
        where the host asks for no key."""
        usual = PROFILES["openai"].key_variable if host.key == "openai" else profile_of(host).key_variable
        return host.key_variable not in ("", usual)

    def full_address(self, host: Host) -> str:
        """With the credentials of `OPENAI_BASE_URL`, where it is this address; for a `Connection` alone."""
        given = self._server()
        return given if host.key == "openai" and given and without_secrets(given) == host.base_url else host.base_url

    def _read(self) -> tuple[dict[str, Host], list[str]]:
        """All hosts by key in the order of the screen, removed ones among them, and the keys of those."""
        found = self._found()
        with self._db.read() as conn:
            rows = stored.list_all(conn)
        hosts = dict(found)
        for row in rows:
            base_url = row.base_url or (found[row.key].base_url if row.key in found else _usual_address(row.profile))
            if base_url or row.key == EMBEDDED.key:
                hosts[row.key] = _host(row, base_url)
        order = {profile: place for place, profile in enumerate(PROFILES)}
        ordered = sorted(hosts.items(), key=lambda entry: order.get(entry[1].profile, len(order)))
        return dict(ordered), [row.key for row in rows if row.is_removed]

    def _found(self) -> dict[str, Host]:
        """What is there without anybody adding it: the embedded host, and what the environment and secrets bring."""
        hosts = {EMBEDDED.key: EMBEDDED}
        server = self._server()
        for profile in PROFILES.values():
            host = _of_profile(profile)
            if profile.key == "openai" and server:
                hosts[profile.key] = _server_at(without_secrets(server))
            elif profile.needs_key and not profile.places and self._keys.source(host) != NONE:
                hosts[profile.key] = host
        return hosts

    def _server(self) -> str:
        return self._settings.environment.get(_SERVER_VARIABLE, "").strip().rstrip("/")


def _names(profile: str) -> Iterator[str]:
    yield profile
    number = 2
    while True:
        yield f"{profile}-{number}"
        number += 1


def _usual_address(profile: str) -> str:
    known = PROFILES.get(profile)
    return known.base_url if known is not None and not known.places else ""


def _of_profile(profile: HostProfile) -> Host:
    return Host(
        key=profile.key,
        title=profile.title,
        base_url=profile.base_url,
        key_variable=profile.key_variable,
        is_local=is_loopback(profile.base_url),
        can_fine_tune=Route.FINE_TUNE in profile.routes,
        about=profile.about,
        profile=profile.key,
        extra=profile.extra,
    )


def _server_at(base_url: str) -> Host:
    """What `OPENAI_BASE_URL` names: OpenAI itself, or what stands in for it and may need no key."""
    if base_url == OPENAI_URL:
        return _of_profile(PROFILES["openai"])
    return replace(
        _of_profile(PROFILES["custom"]),
        key="openai",
        title=f"Server at {urlsplit(base_url).netloc}",
        base_url=base_url,
        key_variable=PROFILES["openai"].key_variable,
        is_local=is_loopback(base_url),
        about=f"A server that speaks the OpenAI protocol, set by {_SERVER_VARIABLE}.",
    )


def _host(row: StoredHost, base_url: str) -> Host:
    profile, config = PROFILES.get(row.profile, PROFILES["custom"]), row.config
    masking = config.get("masking") or {}
    return replace(
        _of_profile(profile),
        key=row.key,
        title=row.title,
        base_url=base_url,
        key_variable=row.key_variable,
        is_local=row.key == EMBEDDED.key or is_loopback(base_url),
        extra=config.get("extra") or {},
        reasoning_effort=str(config.get("reasoning_effort") or ""),
        masking=Masking(tuple(masking.get("kinds", ())), tuple(masking.get("names", ()))),
        answer_tokens=config.get("answer_tokens"),
        in_flight=config.get("in_flight"),
        requests_per_minute=config.get("requests_per_minute"),
        tokens_per_minute=config.get("tokens_per_minute"),
    )
