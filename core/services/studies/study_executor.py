"""Carrying out one study: a few trials at a time, each begun once, until there is none left."""

import logging
from collections.abc import Sequence

from core.errors import Passing, WorkbenchError
from core.model import Study, StudyStatus, Trial, TrialStatus
from core.services.common.heartbeat import KeptLease
from core.services.hosts.connections import Hosts
from core.services.studies.courses import course_of, tried_among
from core.services.studies.trials import TrialSteps
from core.storage import studies
from core.storage.engine import Connection, Database, now

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
AT_ONCE = 2
"""Trials under way beside one another: hosts take few jobs at a time, and the embedded one trains them in turn."""
GIVES_UP_AFTER = 3
"""So many trials that came to nothing, before any came to something, end a study: the next would, too."""
_MISTAKE = "An error in LabelLoop stopped this; the log has the details."


class StudyExecutor:
    """One claimed study, from wherever its rows say it is to its end."""

    def __init__(self, db: Database, hosts: Hosts, study: Study, owner: str) -> None:
        self._db, self._study, self._owner = db, study, owner
        self._steps = TrialSteps(db, hosts)
        self._course = course_of(study, db, hosts)
        self._lease = KeptLease(db, self._renewed, f"study-{study.id}", cancel_wanted=study.cancel_requested)

    @property
    def study_id(self) -> int:
        return self._study.id

    async def execute(self) -> None:
        """Work until it has ended, the lease is lost, or `interrupt`; its rows then say where it stands."""
        await self._lease.keep_during(self._carry_out)

    def interrupt(self) -> None:
        """Let go soon because the program ends: whoever claims it next goes on with it."""
        self._lease.let_go()

    def _renewed(self, conn: Connection) -> bool | None:
        return studies.beat(conn, self._study.id, self._owner)

    def _carry_out(self) -> None:
        try:
            self._record(status=StudyStatus.RUNNING, **({} if self._study.started_at else {"started_at": now()}))
            while not self._lease.is_leaving:
                try:
                    if self._turn():
                        return
                except Passing as error:
                    log.warning("study %s waits: %s", self._study.id, error)
                self._lease.wait(LOOK_SECONDS)
            self._record(owner=None)
        except WorkbenchError as error:
            self._finish(StudyStatus.FAILED, str(error))
        except Exception:
            log.exception("study %s ended by a bug", self._study.id)
            self._finish(StudyStatus.FAILED, _MISTAKE)
            raise

    def _turn(self) -> bool:
        """Look after every trial once. True where the study has ended."""
        for trial in self._trials():
            if trial.status.is_open and not self._lease.is_leaving:
                self._steps.step(trial)
        trials = self._trials()
        for trial in self._course.behind(trials):
            self._steps.prune(trial)
        trials = self._trials()
        under_way = [trial for trial in trials if trial.status.is_open]
        if self._lease.cancel_wanted:
            return self._wind_up(trials, under_way, StudyStatus.CANCELLED, "")
        if (why := given_up(trials)) is not None:
            return self._wind_up(trials, under_way, StudyStatus.FAILED, why)
        begun = None
        if len(under_way) < AT_ONCE and not self._lease.is_leaving:
            begun = self._course.next_trial(trials)
            if begun is not None:
                self._steps.begin(self._study, begun)
        if begun is None and not under_way and not self._lease.is_leaving:
            self._finish(StudyStatus.DONE, self._course.ended_since)
            return True
        self._say(under_way)
        return False

    def _wind_up(self, trials: Sequence[Trial], under_way: Sequence[Trial], status: StudyStatus, message: str) -> bool:
        """Begin nothing more, have stopped what is under way, and end once that has ended."""
        for trial in under_way:
            self._steps.stop(trial)
        if under_way:
            return False
        for trial in trials:
            if trial.status is TrialStatus.WAITING:
                self._steps.end(trial, TrialStatus.CANCELLED)
        self._finish(status, message)
        return True

    def _say(self, under_way: Sequence[Trial]) -> None:
        """What it waits for, where a host keeps it waiting."""
        said = next((why for trial in under_way if (why := self._steps.waits_for(trial))), "")
        if said != self._study.message:
            self._record(message=said)

    def _trials(self) -> list[Trial]:
        with self._db.read() as conn:
            self._study = studies.get(conn, self._study.id) or self._study
            return studies.trials_of(conn, self._study.id)

    def _finish(self, status: StudyStatus, message: str) -> None:
        trials = self._trials()
        if status is not StudyStatus.FAILED and (best := self._course.best(trials)) is not None:
            self._steps.keep(best, tried_among(trials))
        self._record(status=status, message=message, owner=None, finished_at=now())

    def _record(self, **values: object) -> None:
        with self._db.write() as conn:
            if not studies.record(conn, self._study.id, self._owner, **values):
                self._lease.let_go()


def given_up(trials: Sequence[Trial]) -> str | None:
    """Why no further trial is worth beginning; None where one is."""
    failed = [trial for trial in trials if trial.status is TrialStatus.FAILED]
    if len(failed) < GIVES_UP_AFTER or any(trial.status is TrialStatus.DONE for trial in trials):
        return None
    return f"The first {len(failed)} fine-tunes failed: {failed[-1].message or 'no reason was given.'}"
