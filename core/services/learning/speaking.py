"""A host's own way of fine-tuning, spoken over a connection to it."""

from dataclasses import replace

from core.finetune.dialects import dialect_of
from core.finetune.dialects.jobs import Jobs
from core.finetune.dialects.wire import Wire
from core.hosts.control import sdk_client
from core.hosts.explaining import Explaining
from core.hosts.profiles import profile_of
from core.hosts.secrecy import Hider
from core.model import Host
from core.services.hosts.connections import Hosts


def connected(hosts: Hosts, host: Host) -> Jobs:
    """The verbs of fine-tuning on this host now. Raises `WorkbenchError` where it cannot be asked."""
    dialect = dialect_of(profile_of(host).key)
    query = {name: str(host.extra.get(name) or usual) for name, usual in dialect.query.items()}
    dialect = replace(dialect, query=query)
    connection = hosts.connection(host.key, address=dialect.address)
    hide = Hider(*connection.secrets).text
    return dialect.speak(Wire(sdk_client(connection, timeout=60.0, max_retries=3), hide, Explaining(hide)), dialect)
