"""The keys of hosts: from the environment, from secrets.toml, or typed. They are held in memory and told to nobody."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.hosts.addresses import set_or_type
from core.model import Host
from core.settings import HOSTS_TABLE, Settings
from core.storage import facts
from core.storage.engine import Database

TYPED, ENVIRONMENT, SECRETS, NONE = "typed", "environment", "secrets", "none"
_TYPED_FOR = "keys_typed"


@dataclass(frozen=True)
class KeyState:
    """How it stands with the key of a host, which itself is told to nobody.

    `source` is typed, environment, secrets or none, `variable` the name it is looked for under. The host is not asked
    without one where `is_expected`. `was_typed` says that one was typed once, and not forgotten since.
    """

    source: str = NONE
    variable: str = ""
    is_expected: bool = False
    was_typed: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether the host cannot be asked for want of a key."""
        return self.source == NONE and self.is_expected

    def missing_from(self, title: str) -> WorkbenchError:
        """The sentence for a host of this title whose key is missing."""
        why = f": {self.variable} is not set" if self.variable else ""
        if self.was_typed:
            why = ": one was typed before, but this process does not have it"
        return WorkbenchError(f"There is no key for {title}{why}.", set_or_type(self.variable, again=self.was_typed))


class Keys:
    """A typed key goes before one from the environment, and that before one from secrets.toml; it is gone when the
    process ends, and other processes do not have it. All that is stored is for which hosts one was typed."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings, self._db = settings, db
        self._typed: dict[str, str] = {}

    def of(self, host: Host) -> str:
        """The host's key, or "" where there is none. Raises `WorkbenchError` where it cannot be one."""
        key, _ = self._found(host)
        return _checked(key, host.key_variable or host.title) if key else ""

    def source(self, host: Host) -> str:
        """Where its key comes from: typed, environment, secrets or none."""
        return self._found(host)[1]

    def type_in(self, host_key: str, key: str) -> None:
        """Keep this key for the host until the process ends. Raises `WorkbenchError` where it cannot be one."""
        self._typed[host_key] = _checked(key.strip(), "what you typed")
        self._note(lambda hosts: hosts | {host_key})

    def forget(self, host_key: str) -> None:
        """Forget what was typed; whatever the environment holds counts again."""
        self._typed.pop(host_key, None)
        self._note(lambda hosts: hosts - {host_key})

    def typed_anywhere(self) -> set[str]:
        """Hosts for which a key was typed in any process, and not forgotten since."""
        with self._db.read() as conn:
            return set(json.loads(facts.get(conn, _TYPED_FOR) or "[]"))

    def _note(self, change: Callable[[set[str]], set[str]]) -> None:
        with self._db.write() as conn:
            before: set[str] = set(json.loads(facts.get(conn, _TYPED_FOR) or "[]"))
            if (after := change(before)) != before:
                facts.put(conn, _TYPED_FOR, json.dumps(sorted(after)))

    def _found(self, host: Host) -> tuple[str, str]:
        if typed := self._typed.get(host.key):
            return typed, TYPED
        secrets = self._settings.secrets
        secret = secrets.get(f"{HOSTS_TABLE}.{host.key}", "").strip()
        named = secrets.get(host.key_variable, "").strip() if host.key_variable else ""
        given = self._settings.environment.get(host.key_variable, "").strip() if host.key_variable else ""
        # Streamlit copies its secrets into the environment: there the file is still where they come from.
        if given and given != named:
            return given, ENVIRONMENT
        found = secret or named
        return (found, SECRETS) if found else ("", NONE)

    def __repr__(self) -> str:
        return "Keys()"


def _checked(key: str, where: str) -> str:
    """Characters that no header takes would make the HTTP library say the whole key in its complaint."""
    if not key or not all("!" <= sign <= "~" for sign in key):
        raise WorkbenchError(
            f"The key from {where} contains spaces, line breaks or characters that no key has.", "Copy it again."
        )
    return key
