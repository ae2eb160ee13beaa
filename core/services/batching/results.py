"""Answers that come back in a file: read line by line, in any order, stored as a live run's would be."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from core.errors import WorkbenchError
from core.hosts.answers import Reply
from core.hosts.batch_lines import Returned, Wanted, read_line
from core.hosts.failures import Failure
from core.hosts.manner import Manner, after_refusal
from core.model import Item, Problem, Run
from core.services.asking.asker import Asker
from core.services.asking.entries import annotation_of, vote_of
from core.services.asking.late import as_labels_stand, votes_as_labels_stand
from core.services.common import values
from core.services.labelling.votes import Tally, rule_of
from core.services.labelling.work import Arrived
from core.storage import batches, items, repeats, runs
from core.storage.annotations import NewAnnotation
from core.storage.batches import Standing
from core.storage.engine import Connection, Database
from core.storage.runs import RunError

_CHUNK = 500
_MOST_PROBLEMS = 50
_LONGEST_LINE = 8 * 1024 * 1024


@dataclass
class Taken:
    """What became of the lines of a file.

    `answered` were stored now, `duplicates` had been before; `failed` say why there is no answer; `unknown` belong to
    another run or to nobody; `refused` are asked again in a humbler way; `left` the host never got to. `unreadable` are
    no result lines at all, the first fifty of them told one by one in `problems`.
    """

    answered: int = 0
    failed: int = 0
    duplicates: int = 0
    unknown: int = 0
    refused: int = 0
    left: int = 0
    unreadable: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def known(self) -> int:
        return self.answered + self.failed + self.duplicates + self.refused + self.left


class Results:
    """Takes in result files of one run. Storing the same line twice changes nothing.

    `manner` is how the lines were asked; `humbler` is set once lines came back that a humbler one would answer.
    """

    def __init__(self, db: Database, run: Run, asker: Asker, manner: Manner) -> None:
        self._db, self._run, self._asker, self._manner = db, run, asker, manner
        self._rule = rule_of(run.config, asker)
        self._repeats = self._rule.wanted
        self._failed: dict[int, dict[int, RunError]] = {}
        self.humbler: Manner | None = None

    def take(self, lines: Iterable[bytes], taken: Taken) -> None:
        """Read and store, some hundred lines a transaction, and count into `taken`."""
        read = self._read(lines, taken)
        while chunk := list(islice(read, _CHUNK)):
            with self._db.write() as conn:
                self._store(conn, chunk, taken)

    def keep(self, wanted: Wanted, reply: Reply) -> None:
        """Store one answer that came another way."""
        with self._db.write() as conn:
            self._store(conn, [Returned(wanted, reply)], Taken())

    def _read(self, lines: Iterable[bytes], taken: Taken) -> Iterator[Returned]:
        for number, line in enumerate(lines, start=1):
            if number == 1:
                line = line.removeprefix(BOM_UTF8)  # some editors put it there
            if not line.strip():
                continue
            try:
                returned = read_line(line) if len(line) <= _LONGEST_LINE else None
            except ValueError:
                taken.unreadable += 1
                if len(taken.problems) < _MOST_PROBLEMS:
                    taken.problems.append(Problem("This is not a line of a result file.", row=number))
                continue
            if returned is None or returned.wanted.run_id != self._run.id:
                taken.unknown += 1
            else:
                yield returned

    def _store(self, conn: Connection, chunk: list[Returned], taken: Taken) -> None:
        stands = batches.standing(conn, self._run.id, [returned.wanted.item_id for returned in chunk])
        votes = repeats.of_items(conn, self._run.id, list(stands)) if self._repeats > 1 and stands else {}
        about = items.get_many(conn, list(stands)) if self._asker.reads_item else {}
        known = {(vote.item_id, vote.ordinal) for found in votes.values() for vote in found}
        arrived = Arrived()
        for returned in chunk:
            place = (returned.wanted.item_id, returned.wanted.ordinal)
            stand = stands.get(place[0])
            if stand is None or place[1] >= self._repeats:
                taken.unknown += 1
            elif stand is Standing.ANSWERED or place in known:
                taken.duplicates += 1
            elif isinstance(returned.outcome, Reply):
                known.add(place)
                self._answer(returned.wanted, returned.outcome, about.get(place[0]), arrived)
                taken.answered += 1
            elif returned.outcome is None:
                taken.left += 1
            else:
                self._failure(returned.wanted, returned.outcome, arrived, taken)
        self._append(conn, arrived, stands)

    def _answer(self, wanted: Wanted, reply: Reply, item: Item | None, arrived: Arrived) -> None:
        answered = self._asker.read(reply, wanted.request_hash, item, wanted.ordinal)
        arrived.pay(answered)
        self._failed.get(wanted.item_id, {}).pop(wanted.ordinal, None)
        if self._repeats > 1:
            arrived.repeats.append(vote_of(wanted.item_id, wanted.ordinal, answered))
        else:
            arrived.annotations.append(annotation_of(wanted.item_id, answered, self._run))

    def _failure(self, wanted: Wanted, failure: Failure, arrived: Arrived, taken: Taken) -> None:
        humbler = after_refusal(self._manner, failure)
        if humbler is not None:
            self.humbler = humbler
            taken.refused += 1
            return
        taken.failed += 1
        error = RunError(wanted.item_id, failure.kind, failure.message, failure.raw, 1)
        if self._repeats > 1:
            self._failed.setdefault(wanted.item_id, {})[wanted.ordinal] = error
        arrived.errors.append(error)

    def _append(self, conn: Connection, arrived: Arrived, stands: dict[int, Standing]) -> None:
        if self._repeats > 1:
            self._count_votes(conn, arrived)
        answers = arrived.annotations
        answered = {entry.item_id for entry in answers}
        late = [item_id for item_id in answered if stands.get(item_id) is Standing.FAILED]
        errors = [e for e in arrived.errors if stands.get(e.item_id) is Standing.MISSING and e.item_id not in answered]
        if late:
            batches.forget_errors(conn, self._run.id, late)
        values.append(conn, self._run.project_id, as_labels_stand(conn, self._run.project_id)(answers))
        runs.add_errors(conn, self._run.id, errors)
        runs.add_progress(
            conn,
            self._run.id,
            len(answers),
            len({error.item_id for error in errors}) - len(late),
            arrived.prompt_tokens,
            arrived.completion_tokens,
            cached_tokens=arrived.cached_tokens,
            calls=arrived.calls,
        )

    def _count_votes(self, conn: Connection, arrived: Arrived) -> None:
        """Store single answers, and settle the items of which all have come, failed ones included."""
        put = as_labels_stand(conn, self._run.project_id)
        values.append_repeats(conn, self._run.project_id, self._run.id, put(arrived.repeats))
        touched = {vote.item_id for vote in arrived.repeats} | {error.item_id for error in arrived.errors}
        arrived.errors.clear()
        votes = votes_as_labels_stand(conn, self._run, sorted(touched)) if touched else {}
        for item_id in sorted(touched):
            failures = list(self._failed.get(item_id, {}).values())
            tally = Tally(self._rule, votes.get(item_id, []), failures)
            if not tally.is_complete:
                continue
            result = tally.result(self._run.annotator_id, self._run.id)
            if isinstance(result, NewAnnotation):
                arrived.annotations.append(result)
            else:
                arrived.errors.append(result)


def nothing_of_ours(taken: Taken, run: Run) -> WorkbenchError | None:
    """Why a file with no line of the run was surely a mistake; None where it holds some."""
    if taken.known:
        return None
    if taken.unknown:
        return WorkbenchError(
            f"None of the {taken.unknown:,} lines belongs to run {run.number}.",
            "Choose the results of this run's file.",
        )
    return WorkbenchError(
        "This is not a result file.", "A result file has one JSON object per line, as vLLM or a host writes it."
    )
