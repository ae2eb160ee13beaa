"""Writing what a run still misses as files of requests, piece by piece. What the cache knows is not asked again."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkbenchError
from core.hosts.batch_lines import Wanted, request_line
from core.hosts.batches import BatchRules
from core.hosts.chat import ChatClient
from core.hosts.manner import Manner
from core.model import ErrorKind, Item, Run
from core.services.asking.asker import Asker, Request
from core.services.asking.entries import annotation_taken_over, vote_taken_over
from core.services.asking.frozen import masking_of
from core.services.asking.late import as_labels_stand, votes_as_labels_stand
from core.services.asking.masking import masker_for
from core.services.common import values
from core.services.common.files import reader_of
from core.services.labelling.votes import known_answers, rule_of
from core.storage import batches, cache, runs
from core.storage.cache import CachedAnswer
from core.storage.engine import Connection, Database
from core.storage.runs import RunError

_PAGE = 500
_MOST_TOLD_APART = 200_000

Question = tuple[int, int, bytes, Request]
"""Item, ordinal, key of one request, and the request: its body is made when it is written, for pictures are large."""


@dataclass(frozen=True)
class Written:
    """A file of `lines` requests about what was missing from `first_item_id` to `last_item_id`."""

    path: Path
    first_item_id: int
    last_item_id: int
    lines: int


def asker_for(db: Database, run: Run, manner: Manner, client: ChatClient | None = None) -> Asker:
    """Renders, masks and reads for a run whose answers come by file. Raises `WorkbenchError` for what cannot."""
    if run.config.get("ask") == "decisions":
        raise WorkbenchError(
            "The Decisions API does not support batches.", "Start a run that sends its calls one by one."
        )
    masker = masker_for(db, masking_of(run.config))
    return Asker(client, run.config["model"], run.config, manner, masker, reader_of(db))


def folder_of(db: Database, run_id: int) -> Path:
    """Where a run's files lie while they are needed: beside the database, since they hold the same data."""
    return db.path.parent / "batches" / str(run_id)


def drop_unsent(db: Database, run_id: int) -> None:
    """Let go of batches that no host has heard of, so that their items may be asked about in other ways; nothing of a
    run that somebody carries out."""
    with db.write() as conn:
        dropped = batches.drop_unsent(conn, run_id)
    for batch in dropped:
        (folder_of(db, run_id) / f"{batch.tag}.jsonl").unlink(missing_ok=True)


class Missing:
    """What a run still misses, from the first item to the last; each `write` goes on behind the one before.

    With `each_once` a request that several items share is written for the first of them only: its answer is in the
    cache when the others are written next time. Up to 200,000 requests are told apart, so that memory is bounded.
    """

    def __init__(self, db: Database, run: Run, asker: Asker, *, each_once: bool = False) -> None:
        self._db, self._run, self._asker = db, run, asker
        self._rule = rule_of(run.config, asker)
        self._repeats = self._rule.wanted
        self._take_over = bool(run.config.get("use_cache", True))
        self._each_once = each_once and self._take_over and self._repeats == 1
        self._written: dict[bytes, int] = {}
        self._after = 0

    def write(self, path: Path, rules: BatchRules | None = None) -> Written | None:
        """A file that keeps to the limits (None: there are none), or None where nothing is missing any more.

        The file is there in full or not at all. An item's repeats stay together, so that no two files share one.
        Raises `WorkbenchError` where it cannot be written.
        """
        part = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return self._write(path, part, rules)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise WorkbenchError(
                f"The file of requests cannot be written: {error.strerror or error}.",
                "Free some space, then try again.",
            ) from error

    def _write(self, path: Path, part: Path, rules: BatchRules | None) -> Written | None:
        lines = size = first = last = 0
        with part.open("wb") as target:
            for item_id, content, number in self._items():
                too_much = rules and (lines + number > rules.lines or size + len(content) > rules.bytes)
                if too_much and lines:
                    break
                self._after = last = item_id
                target.write(content)
                lines, size, first = lines + number, size + len(content), first or item_id
            target.flush()
            os.fsync(target.fileno())
        if not lines:
            part.unlink()
            return None
        part.replace(path)
        return Written(path, first, last, lines)

    def _items(self) -> Iterator[tuple[int, bytes, int]]:
        """`(item id, its lines, how many)` of each item that has to be asked about."""
        after = self._after
        while page := self._page(after):
            after = page[-1].id
            asked: dict[int, list[tuple[Wanted, Request]]] = {}
            for item_id, ordinal, key, request in self._questions(page):
                if not self._is_written_for_another(item_id, key):
                    asked.setdefault(item_id, []).append((Wanted(self._run.id, item_id, ordinal, key), request))
            for item_id, wanted in asked.items():
                if lines := self._lines(item_id, wanted):
                    yield item_id, lines, len(wanted)

    def _lines(self, item_id: int, wanted: Sequence[tuple[Wanted, Request]]) -> bytes:
        """Empty where a file that the item shows is missing, which is that item's error."""
        try:
            return b"".join(request_line(one, self._asker.body(request)) for one, request in wanted)
        except WorkbenchError as error:
            self._add_errors([RunError(item_id, ErrorKind.BAD_REQUEST, str(error), "", 1)])
            return b""

    def _add_errors(self, errors: Sequence[RunError]) -> None:
        with self._db.write() as conn:
            runs.add_errors(conn, self._run.id, errors)
            runs.add_progress(conn, self._run.id, 0, len(errors), 0, 0)

    def _is_written_for_another(self, item_id: int, key: bytes) -> bool:
        if not self._each_once:
            return False
        if len(self._written) < _MOST_TOLD_APART:
            self._written.setdefault(key, item_id)
        # An item that did not fit into one file any more is read again for the next.
        return self._written.get(key, item_id) != item_id

    def _page(self, after: int) -> list[Item]:
        with self._db.read() as conn:
            return runs.missing(conn, self._run.id, after, _PAGE)

    def _questions(self, page: Sequence[Item]) -> list[Question]:
        """Those of a page's items that neither this run nor the cache has an answer to."""
        requests, errors = self._rendered(page)
        asked = [[(request, self._asker.key(request)) for request in of_item] for of_item in requests]
        with self._db.write() as conn:
            runs.add_errors(conn, self._run.id, errors)
            runs.add_progress(conn, self._run.id, 0, len(errors), 0, 0)
            if self._repeats > 1:
                return self._open_votes(conn, asked)
            keyed = [of_item[0] for of_item in asked]
            known = cache.find(conn, [key for _, key in keyed]) if self._take_over else {}
            self._store_known(conn, [(request, key, known[key]) for request, key in keyed if key in known])
        return [(request.item_id, 0, key, request) for request, key in keyed if key not in known]

    def _rendered(self, page: Sequence[Item]) -> tuple[list[list[Request]], list[RunError]]:
        """The questions about each item."""
        requests, errors = [], []
        for item in page:
            try:
                requests.append(self._asker.requests(item, self._repeats))
            except WorkbenchError as error:
                errors.append(RunError(item.id, ErrorKind.BAD_REQUEST, str(error), "", 1))
        return requests, errors

    def _store_known(self, conn: Connection, hits: Sequence[tuple[Request, bytes, CachedAnswer]]) -> None:
        entries = []
        for request, key, hit in hits:
            parsed = self._asker.from_cache(hit.raw, hit.kind, request.item, shown=request.shown)
            entries.append(annotation_taken_over(request.item_id, key, hit, parsed, self._run))
        values.append(conn, self._run.project_id, as_labels_stand(conn, self._run.project_id)(entries))
        runs.add_progress(conn, self._run.id, len(entries), 0, 0, 0, from_cache=len(entries))

    def _open_votes(self, conn: Connection, asked: Sequence[Sequence[tuple[Request, bytes]]]) -> list[Question]:
        """The repeats that are missing; an item all of whose answers are known by now is settled."""
        keys = list(dict.fromkeys(key for of_item in asked for _, key in of_item))
        known = known_answers(conn, self._rule, keys) if self._take_over else {}
        put = as_labels_stand(conn, self._run.project_id)
        have = votes_as_labels_stand(conn, self._run, [of_item[0][0].item_id for of_item in asked]) if asked else {}
        questions: list[Question] = []
        new, settled = [], []
        for of_item in asked:
            votes = list(have.get(of_item[0][0].item_id, []))
            there = {vote.ordinal for vote in votes}
            for request, key in of_item:
                if request.ordinal in there:
                    continue
                hit = known.get((key, request.ordinal))
                if hit is None:
                    questions.append((request.item_id, request.ordinal, key, request))
                    continue
                parsed = self._asker.from_cache(hit.raw, hit.kind, request.item, shown=request.shown)
                [vote] = put([vote_taken_over(request.item_id, request.ordinal, key, hit, parsed)])
                new.append(vote)
                votes.append(vote)
            if len(votes) >= self._repeats:
                settled.append(self._rule.result(votes, self._run.annotator_id, self._run.id))
        values.append_repeats(conn, self._run.project_id, self._run.id, new)
        values.append(conn, self._run.project_id, settled)
        free = sum(not entry.prompt_tokens for entry in settled)
        runs.add_progress(conn, self._run.id, len(settled), 0, 0, 0, from_cache=free)
        return questions
