"""The rounds of a batch run: what is missing is written as batches, and again what they left once all are over."""

import time
import uuid

from core.host_refusals import NotYet
from core.hosts.batches import BatchRules, rules_of
from core.hosts.manner import Manner, manner_to_json
from core.hosts.profiles import profile_of
from core.model import Host, Run, RunStatus
from core.plural import count
from core.services.asking.asker import Asker
from core.services.batching.cap import why_not
from core.services.batching.files import Missing, asker_for, folder_of
from core.services.batching.steps import Round
from core.services.batching.trial import try_one
from core.services.common.heartbeat import KeptLease
from core.services.hosts.connections import Hosts
from core.storage import batches
from core.storage.engine import Database

_LONGEST_TRIAL_SECONDS = 120.0
_CANCELLED = "Cancelled. What the host had finished is kept; resume labels the rest."


class Ended(Exception):
    """The run is over, for now or for good, with this status and sentence."""

    def __init__(self, status: RunStatus, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def rules_for(host: Host) -> BatchRules:
    """How large a batch the host takes."""
    return rules_of(profile_of(host))


class Rounds:
    """`current` is what the batches that are open, or were last, have come to so far; `not_yet` is the host's last
    refusal of a question asked live beforehand."""

    def __init__(self, db: Database, hosts: Hosts, run: Run, lease: KeptLease) -> None:
        self._db, self._hosts, self._run, self._lease = db, hosts, run, lease
        self._folder = folder_of(db, run.id)
        self.current, self._number = Round(), 0
        self.not_yet: NotYet | None = None
        self._try_until = 0.0

    def next(self) -> bool:
        """Write what is missing as batches. Raises `Ended` where there is nothing more to send."""
        self._sweep()
        last = self.current
        if last.humbler is not None:
            self._hosts.remember(self._run.config["host"], self._run.config["model"], last.humbler)
        if self._lease.cancel_wanted or not self._is_wanted():
            raise Ended(RunStatus.CANCELLED, _CANCELLED)
        if last.complaint:
            raise Ended(RunStatus.FAILED, last.complaint)
        if last.left or last.lost:
            # Not sent again by itself: the host may have reasons, and some is paid for.
            raise Ended(RunStatus.PAUSED, _unanswered(last))
        self.current = Round()
        manner = self._hosts.manner(self._run.config["host"], self._run.config["model"])
        asker = self._tried(asker_for(self._db, self._run, manner))
        self._number += 1
        if not self._write(asker) and not (self._lease.is_leaving or self._lease.cancel_wanted):
            raise Ended(RunStatus.DONE, "")
        return True

    def _sweep(self) -> None:
        """Remove what a killed process left: with no batch open none of these files is needed."""
        for left in self._folder.glob(f"{self._run.id}-*"):
            left.unlink(missing_ok=True)

    def _is_wanted(self) -> bool:
        with self._db.write() as conn:
            return bool(self._lease.renew(conn))

    def _write(self, asker: Asker) -> int:
        """The batches of this round; gives how many."""
        rules = rules_for(self._hosts.get(self._run.config["host"]))
        # Later rounds ask about what the first left: were one refused each time, its likes would wait a day a piece.
        missing, number = Missing(self._db, self._run, asker, each_once=self._number == 1), 0
        manner = manner_to_json(asker.manner)
        while not self._lease.is_leaving:
            tag = f"{self._run.id}-{uuid.uuid4().hex[:12]}"
            written = missing.write(self._folder / f"{tag}.jsonl", rules)
            if written is None:
                break
            with self._db.write() as conn:
                if not self._lease.renew(conn):  # whoever holds the run now writes the same items
                    written.path.unlink()
                    break
                batches.add(
                    conn,
                    self._run.id,
                    tag=tag,
                    first_item_id=written.first_item_id,
                    last_item_id=written.last_item_id,
                    lines=written.lines,
                    manner=manner,
                )
            number += 1
        return number

    def _tried(self, asker: Asker) -> Asker:
        """Ask live where it is not known how the model is best asked; gives an asker in the manner found out."""
        if asker.manner != Manner() or self._trial_is_too_dear():
            return asker
        host = self._run.config["host"]
        try:
            manner = try_one(self._db, self._run, self._hosts.connection(host), asker)
        except NotYet as refusal:
            if not self._may_try_later(refusal):
                return asker
            raise
        self._hosts.remember(host, self._run.config["model"], manner)
        return asker_for(self._db, self._run, manner)

    def _may_try_later(self, refusal: NotYet) -> bool:
        """A host that goes on refusing single calls may be one for batches alone."""
        moment = time.monotonic()
        if self.not_yet is None:
            self._try_until = moment + _LONGEST_TRIAL_SECONDS
        self.not_yet = refusal
        return moment + (refusal.seconds or 0.0) < self._try_until

    def _trial_is_too_dear(self) -> bool:
        with self._db.read() as conn:
            return bool(why_not(self._db, conn, self._run.id, 1, 0))


def _unanswered(last: Round) -> str:
    parts = []
    if last.left:
        parts.append(f"the host did not get to {count(last.left, 'line')}")
    if last.lost:
        parts.append(f"it returned nothing for {count(last.lost, 'line')}")
    said = " and ".join(parts)
    return f"{said[0].upper()}{said[1:]}. What it returned is kept; resume sends the rest again."
