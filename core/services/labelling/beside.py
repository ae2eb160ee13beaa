"""Carrying out a run that asks nothing: its answers are in those to another question about the same items."""

import asyncio
import logging

from core.errors import WorkbenchError
from core.model import AnswerKind, Item, Run, RunStatus
from core.services.asking.at_once import reading_of
from core.services.asking.entries import annotation_taken_over, vote_taken_over
from core.services.asking.frozen import masking_of
from core.services.asking.late import as_labels_stand
from core.services.asking.masking import masker_for
from core.services.asking.reading import Reading
from core.services.asking.sureness import source_of
from core.services.common import values
from core.services.common.asked import ASKED_BY, by
from core.services.common.lookup import annotator_of
from core.services.labelling.questions import BUG
from core.services.labelling.votes import Rule
from core.storage import beside, conditions, repeats, runs
from core.storage.annotations import NewAnnotation
from core.storage.beside import Answer
from core.storage.cache import CachedAnswer
from core.storage.engine import Connection, Database
from core.storage.repeats import Repeat
from core.storage.runs import INTERRUPTED, RunError

log = logging.getLogger(__name__)

_PAGE = 500
_WITHOUT = "The other questions were answered in the same run: resume that one, and these answers follow."


class BesideExecutor:
    """One claimed run of mode "beside", from claim to end. Use once, inside an event loop.

    It reads what the run that asked has brought home, each item once and in pages; a crash repeats one page at most.
    """

    def __init__(self, db: Database, run: Run, owner: str) -> None:
        self._db, self._run, self._owner = db, run, owner
        self._from = int(run.config["taken_from"]["annotator_id"])
        self._is_interrupted = False

    @property
    def run_id(self) -> int:
        return self._run.id

    def interrupt(self) -> None:
        """End soon because the program ends: what was taken over is stored."""
        self._is_interrupted = True

    async def execute(self) -> None:
        """Take over until nothing more is there; the run's row then says how it ended."""
        try:
            await asyncio.to_thread(self._take_all)
        except WorkbenchError as error:
            self._finish(RunStatus.FAILED, str(error))
        except Exception:
            log.exception("run %s ended by a bug", self._run.id)
            self._finish(RunStatus.FAILED, BUG)
            raise

    def _take_all(self) -> None:
        reading = reading_of(self._run.config, masker_for(self._db, masking_of(self._run.config)))
        asked = self._asked()
        after, go_on = 0, True
        while go_on and not self._is_interrupted:
            with self._db.read() as conn:
                page = runs.missing(conn, self._run.id, after, _PAGE)
                taken, failed = self._found(conn, reading, page, asked)
            if not page:
                break
            after, go_on = page[-1].id, self._store(taken, failed)
        self._conclude(was_cancelled=not go_on)

    def _asked(self) -> set[int] | None:
        """The items that the question is asked of, by the model's own answers to the one it hangs on; None: of all. The
        others are taken out of the run."""
        with self._db.write() as conn:
            condition, who = conditions.of(conn, self._run.project_id), self._run.config.get(ASKED_BY)
            if condition is None or who is None:
                return None
            links = by(conn, condition, annotator_of(conn, who))
            asked, ruled_out = conditions.asked_items(conn, self._run.project_id, links)
            beside.leave_out(conn, self._run.id, list(ruled_out))
            return asked

    def _found(
        self, conn: Connection, reading: Reading, page: list[Item], asked: set[int] | None
    ) -> tuple[list[tuple[NewAnnotation, list[Repeat]]], list[RunError]]:
        """What there is of these items: answers, and what went wrong where nothing was answered."""
        by_id = {item.id: item for item in page}
        answered = beside.answers(conn, self._from, list(by_id))
        failed = beside.errors(conn, self._from, [item_id for item_id in by_id if item_id not in answered])
        taken = [
            self._taken(conn, reading, by_id[item_id], one)
            for item_id, one in answered.items()
            if asked is None or item_id in asked
        ]
        return taken, list(failed.values())

    def _taken(
        self, conn: Connection, reading: Reading, item: Item, answer: Answer
    ) -> tuple[NewAnnotation, list[Repeat]]:
        if answer.is_majority:
            found = repeats.of_items(conn, answer.run_id, [item.id]).get(item.id, [])
            votes = [
                self._vote(reading, item, one, self._cached(one.raw or "", one.kind, None, answer.run_id))
                for one in found
            ]
            if votes:
                rule = Rule(len(votes), reading.kind.elected)
                return rule.result(votes, self._run.annotator_id, self._run.id), votes
        sure = answer.sure_of.get(self._run.config["together"]["own"])
        known = self._cached(answer.raw, answer.kind, answer.annotation_id, answer.run_id)
        known = known._replace(confidence=sure, confidence_source=source_of(reading.task) if sure is not None else None)
        parsed = reading.stored(known.raw, known.kind, item)
        return annotation_taken_over(item.id, answer.request_hash or b"", known, parsed, self._run), []

    def _vote(self, reading: Reading, item: Item, one: Repeat, known: CachedAnswer) -> Repeat:
        parsed = reading.stored(known.raw, known.kind, item)
        return vote_taken_over(item.id, one.ordinal, one.request_hash, known, parsed)

    def _cached(self, raw: str, kind: AnswerKind | str, annotation_id: int | None, run_id: int) -> CachedAnswer:
        """How sure a model was of another question says nothing of this one."""
        return CachedAnswer(raw, AnswerKind(kind), None, None, annotation_id, run_id)

    def _store(self, taken: list[tuple[NewAnnotation, list[Repeat]]], failed: list[RunError]) -> bool:
        """One page; False where the run is to end."""
        with self._db.write() as conn:
            go_on = runs.beat(conn, self._run.id, self._owner)
            if go_on is None:
                return False
            put = as_labels_stand(conn, self._run.project_id)
            votes = [vote for _, own in taken for vote in own]
            values.append_repeats(conn, self._run.project_id, self._run.id, put(votes))
            values.append(conn, self._run.project_id, put([one for one, _ in taken]))
            runs.add_errors(conn, self._run.id, failed)
            runs.add_progress(conn, self._run.id, len(taken), len(failed), 0, 0, from_cache=len(taken))
            return go_on

    def _conclude(self, *, was_cancelled: bool) -> None:
        with self._db.read() as conn:
            is_whole = not runs.missing(conn, self._run.id, 0, 1)
            ended = beside.how_it_ended(conn, self._from)
        if is_whole:
            self._finish(RunStatus.DONE, "")
        elif was_cancelled:
            self._finish(RunStatus.CANCELLED, "")
        elif self._is_interrupted:
            self._finish(RunStatus.INTERRUPTED, INTERRUPTED)
        else:
            early = ended if ended in (RunStatus.CANCELLED, RunStatus.FAILED) else RunStatus.INTERRUPTED
            self._finish(early, _WITHOUT)

    def _finish(self, status: RunStatus, message: str) -> None:
        with self._db.write() as conn:
            runs.finish(conn, self._run.id, self._owner, status, message)
