"""The keys of hosts: from the environment, from secrets.toml, or typed. They are held in memory and told to nobody."""

from core.errors import WorkbenchError
from core.model import Host
from core.settings import HOSTS_TABLE, Settings

TYPED, ENVIRONMENT, SECRETS, NONE = "typed", "environment", "secrets", "none"


class Keys:
    """A typed key goes before one from the environment, and that before one from secrets.toml; it is gone when the
    process ends, and other processes do not have it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
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

    def forget(self, host_key: str) -> None:
        """Forget what was typed; whatever the environment holds counts again."""
        self._typed.pop(host_key, None)

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
            f"The key from {where} holds spaces, line breaks or letters that no key has.", "Copy it once more."
        )
    return key
