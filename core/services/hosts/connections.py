"""Which hosts there are, how to reach them now, which models they serve, and what was found out about them."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from core.embedded.process import EmbeddedHost
from core.errors import NotAllowedYet, WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.control import ServedModel
from core.hosts.manner import Manner
from core.hosts.probing import Findings, findings_of_json, findings_to_json
from core.hosts.profiles import EMBEDDED, profile_of
from core.hosts.secrecy import Hider
from core.model import Host
from core.services.common.door import door
from core.services.hosts.drafts import HostDraft
from core.services.hosts.keys import NONE, Keys, KeyState
from core.services.hosts.listing import HostList
from core.services.hosts.manners import Manners
from core.services.hosts.models import Listings, ModelChoice, choices, in_order
from core.services.hosts.testing import tested
from core.settings import Settings
from core.storage import hosts as stored
from core.storage.engine import Database, now


@door
class Hosts:
    """Everything that reaches a host goes through `connection`: it alone knows keys, and asks for the user's word."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._db = db
        self._keys = Keys(settings, db)
        self._list = HostList(settings, db, self._keys)
        self._embedded = EmbeddedHost(settings.data_dir / "embedded")
        self._manners, self._listings = Manners(db), Listings(db)

    # which there are

    def all(self) -> list[Host]:
        """The embedded one, those found, those of the user's; in the order of the screen."""
        return self._list.all()

    def get(self, key: str) -> Host:
        """Raises `WorkbenchError` where it is not set up or was removed."""
        return self._list.get(key)

    def title(self, key: str) -> str:
        """What the host is called on screen, also after it was removed; its key where nothing else is known of it."""
        known = [*self._list.all(), *self._list.removed()]
        return next((host.title for host in known if host.key == key), key)

    def removed(self) -> list[Host]:
        """Those taken off the list, the last one added first."""
        return self._list.removed()

    def add(self, profile: str, draft: HostDraft) -> Host:
        """Raises `WorkbenchError` with the first thing wrong with the draft."""
        return self._list.add(profile, draft)

    def edit(self, key: str, draft: HostDraft) -> Host:
        """Raises `WorkbenchError` with the first thing wrong with the draft."""
        before = self.get(key)
        after = self._list.edit(key, draft)
        if (before.base_url, before.extra) != (after.base_url, after.extra):
            self._manners.forget(key)
        return after

    def remove(self, key: str) -> None:
        """Take it off the list; runs that name it stay as they are, and `restore` brings it back."""
        self._list.set_removed(key, True)

    def restore(self, key: str) -> None:
        self._list.set_removed(key, False)

    def found_through(self, key: str) -> str:
        """The variable that brought this host to the list by itself; "" for one the user added."""
        return self._list.found_through(key)

    # reaching one

    def connection(self, key: str, *, address: Callable[[str], str] = str) -> Connection:
        """Where to send requests now; starts the embedded host when it is first needed. `address` makes another one of
        the host's own, which has to be allowed by itself where it is on another machine.

        Raises `NotAllowedYet` before the user allowed this address, `WorkbenchError` where the key is missing.
        """
        host = self.get(key)
        if host.key == EMBEDDED.key:
            started = self._embedded.ensure_started()
            return Connection(started.base_url, started.token)
        if not self.is_allowed(key, address=address):
            raise NotAllowedYet(key, host.title)
        state = self.key_state(key)
        if state.is_missing:
            raise state.missing_from(host.title)
        secret, header = self._keys.of(host), profile_of(host).key_header
        headers = {header: secret} if header else {}
        return Connection(address(self._list.full_address(host)), secret, headers, host.key_variable)

    @property
    def is_embedded_running(self) -> bool:
        """Whether the embedded host runs already, started from here."""
        return self._embedded.is_running

    def hider(self, key: str) -> Hider:
        """Takes the host's key, if there is one now, out of what it said where a person brings that in."""
        try:
            host = self.get(key)
        except WorkbenchError:  # removed since
            return Hider()
        return Hider(*Connection(self._list.full_address(host), self._keys.of(host)).secrets)

    def usable(self) -> set[str]:
        """Keys of the hosts this process can reach: allowed, and with a key where one is needed."""
        with self._db.read() as conn:
            allowed = stored.allowed(conn)
        typed = self._keys.typed_anywhere()
        return {
            host.key
            for host in self.all()
            if (host.is_local or (host.key, host.base_url) in allowed)
            and not self._key_state(host, host.key in typed).is_missing
        }

    # keys

    def has_key(self, key: str) -> bool:
        """Whether there is a key for the host; the key itself is told to nobody."""
        return self.key_source(key) != NONE

    def key_source(self, key: str) -> str:
        """Where its key comes from: "environment", "secrets", "typed" or "none"."""
        return self._keys.source(self.get(key))

    def key_state(self, key: str) -> KeyState:
        """Whether there is a key, from where, and whether the host is asked without one."""
        return self._key_state(self.get(key), key in self._keys.typed_anywhere())

    def type_key(self, key: str, secret: str) -> None:
        """Keep a key in this process's memory until it ends. Raises `WorkbenchError` for what no key can be.

        That one was typed, though not the key, is remembered: without it the host is not asked again.
        """
        self._keys.type_in(self.get(key).key, secret)

    def forget_key(self, key: str) -> None:
        """Forget what was typed, and that anything was; whatever the environment holds counts again."""
        self._keys.forget(key)

    def _key_state(self, host: Host, was_typed: bool) -> KeyState:
        is_expected = profile_of(host).needs_key or was_typed or self._list.is_variable_of_the_user(host)
        return KeyState(self._keys.source(host), host.key_variable, is_expected, was_typed)

    # the user's word

    def is_allowed(self, key: str, *, address: Callable[[str], str] = str) -> bool:
        """Whether data may be sent there: always on this machine, elsewhere once the user has said so.

        `address` makes another one of the host's own.
        """
        host = self.get(key)
        if host.is_local:
            return True
        with self._db.read() as conn:
            allowed = stored.allowed(conn)
        return {(host.key, one) for one in addresses_of(host, address)} <= allowed

    def allow(self, key: str, *, address: Callable[[str], str] = str) -> None:
        """The user's word for the host at its present address; another address has to be allowed anew."""
        host = self.get(key)
        with self._db.write() as conn:
            for one in addresses_of(host, address):
                stored.allow(conn, host.key, one)

    def disallow(self, key: str) -> None:
        with self._db.write() as conn:
            stored.disallow(conn, key)

    # models

    def served(self, key: str) -> list[str]:
        """Names of the models the host serves just now, those that chat first. Raises `WorkbenchError` as `models`."""
        return in_order(self._served(key))

    def listed(self, key: str) -> list[str]:
        """The names of its models as the host last listed them in this process, without asking it now."""
        return self._listings.last(key)

    def test(self, key: str, model: str = "", tell: Callable[[str], None] = lambda said: None) -> Findings:
        """Find out with a few tiny calls what the host can do, and remember it. By default with its first chat model.

        Refused for now, a call waits as it is told, half a minute at most; `tell` hears of it ("" when it is over).

        Raises `WorkbenchError` where the host cannot be reached, or lists no models and none is given; that is
        remembered as well, but for `NotAllowedYet`: then nothing was tried.
        """
        host = self.get(key)
        try:
            findings = self._tested(host, model, tell)
        except NotAllowedYet:
            raise
        except WorkbenchError as error:
            self._keep(key, Findings(model, host.base_url, trouble=str(error), came_to_nothing=True))
            raise
        return self._keep(key, findings)

    def _tested(self, host: Host, model: str, tell: Callable[[str], None]) -> Findings:
        names = self._names_for_test(host.key, model)
        chosen = model or next(iter(names or ()), "")
        if not chosen:
            raise WorkbenchError(
                f"{host.title} answers but lists no models.", "Enter the name of a model to test with."
            )
        findings, manner = tested(self.connection(host.key), chosen, host, tell)
        if manner is not None:
            self.remember(host.key, chosen, manner)
        return replace(findings, base_url=host.base_url, models=None if names is None else len(names))

    def _keep(self, key: str, findings: Findings) -> Findings:
        findings = replace(findings, tested_at=now())
        with self._db.write() as conn:
            stored.remember(conn, key, "", findings_to_json(findings))
        return findings

    def findings(self, key: str) -> Findings | None:
        """What the last test of the host at its present address found out; None where there was none."""
        with self._db.read() as conn:
            told = stored.manner(conn, key, "")
        findings = findings_of_json(told) if told else None
        return findings if findings is not None and findings.base_url == self.get(key).base_url else None

    def _names_for_test(self, key: str, model: str) -> list[str] | None:
        """None where the host does not list its models, which matters only without a model to test with."""
        try:
            return self.served(key)
        except NotAllowedYet:
            raise
        except WorkbenchError:
            if not model:
                raise
            return None

    def models(self, key: str, project_id: int) -> list[ModelChoice]:
        """The host's models: those tuned in this project, those that chat, then the others.

        Raises `WorkbenchError` where it cannot be reached.
        """
        return choices(self._db, key, project_id, self._served(key))

    def _served(self, key: str) -> list[ServedModel]:
        return self._listings.ask(key, self.connection(key))

    # how it is best asked

    def manner(self, host: str, model: str) -> Manner:
        """How this model is best asked, as far as it is known by now."""
        return self._manners.of(host, model)

    def remember(self, host: str, model: str, manner: Manner) -> None:
        """Cheap where it is no news."""
        self._manners.remember(host, model, manner)

    def close(self) -> None:
        self._embedded.close()


def addresses_of(host: Host, address: Callable[[str], str] = str) -> list[str]:
    """Where something is sent to: the host's own address, and the one made of it where that is another machine."""
    other = address(host.base_url) or host.base_url
    return [host.base_url] if urlsplit(other).netloc == urlsplit(host.base_url).netloc else [host.base_url, other]
