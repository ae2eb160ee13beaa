"""Which hosts there are, how to reach them now, and which models they serve."""

from dataclasses import dataclass

from core.embedded.process import EmbeddedHost
from core.errors import WorkbenchError
from core.hosts.control import list_models
from core.hosts.profiles import EMBEDDED, Connection, available_hosts, full_address
from core.hosts.wire import Manner
from core.model import FineTune, FineTuneStatus, Host
from core.settings import Settings
from core.storage import fine_tunes
from core.storage.engine import Database


@dataclass(frozen=True)
class ModelChoice:
    """A model as it can be picked: `fine_tune` says which of our fine-tunes made it, where one did."""

    name: str
    title: str
    fine_tune: FineTune | None = None


class Hosts:
    """Keys come from the environment at the moment of use and are kept nowhere else."""

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self._embedded = EmbeddedHost(settings.data_dir / "embedded")
        self._manners: dict[tuple[str, str], Manner] = {}

    def all(self) -> list[Host]:
        return list(available_hosts(self._settings.environment).values())

    def get(self, key: str) -> Host:
        host = available_hosts(self._settings.environment).get(key)
        if host is None:
            raise WorkbenchError(
                f"The host “{key}” is not set up here.", "Set OPENAI_API_KEY or OPENAI_BASE_URL and start again."
            )
        return host

    def connection(self, key: str) -> Connection:
        """Where to send requests now; starts the embedded host when it is first needed."""
        host = self.get(key)
        if host.key == EMBEDDED.key:
            started = self._embedded.ensure_started()
            return Connection(started.base_url, started.token)
        return Connection(full_address(self._settings.environment), self._settings.key_for(host))

    def has_key(self, key: str) -> bool:
        """Whether the environment holds the host's key; the key itself is told to nobody."""
        return bool(self._settings.key_for(self.get(key)))

    def test(self, key: str) -> list[str]:
        """The models the host serves just now. Raises `WorkbenchError` where it cannot be reached or used."""
        return list_models(self.connection(key))

    def manner(self, host: str, model: str) -> Manner:
        """How this model is best asked, as far as it is known by now."""
        return self._manners.get((host, model), Manner())

    def remember(self, host: str, model: str, manner: Manner) -> None:
        self._manners[(host, model)] = manner

    def models(self, key: str, project_id: int) -> list[ModelChoice]:
        """The host's models, those tuned in this project first. Raises `WorkbenchError` where it cannot be reached."""
        with self._db.read() as conn:
            tuned = [
                ModelChoice(job.fine_tuned_model, tuned_title(job), job)
                for job in fine_tunes.list_all(conn, project_id)
                if job.host == key and job.status is FineTuneStatus.SUCCEEDED and job.fine_tuned_model
            ]
        known = {choice.name for choice in tuned}
        served = list_models(self.connection(key))
        others = [name for name in served if name not in known and not (key == EMBEDDED.key and name.startswith("ft:"))]
        return [*tuned, *(ModelChoice(name, name) for name in others)]

    def close(self) -> None:
        self._embedded.close()


def tuned_title(job: FineTune) -> str:
    """How a tuned model is called on screen: short, and the same everywhere."""
    return f"tuned {job.config.get('number', job.id)}"
