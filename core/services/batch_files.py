"""Writing what a run still misses as files of requests, piece by piece. What the cache knows is not asked again."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkbenchError
from core.hosts.batch_lines import Wanted, request_line
from core.hosts.batches import BatchRules
from core.hosts.chat import ChatClient
from core.hosts.manner import Manner
from core.model import ErrorKind, Item, Masking, Run
from core.services.asking import Asker, Request
from core.services.labelling_votes import majority
from core.services.masking import masker_for
from core.storage import annotations, cache, repeats, runs
from core.storage.annotations import NewAnnotation
from core.storage.cache import CachedAnswer
from core.storage.engine import Connection, Database
from core.storage.repeats import Repeat
from core.storage.runs import RunError

_PAGE = 500

Question = tuple[int, int, bytes, bytes]
"""Item, ordinal, key and body of one request."""


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
        raise WorkbenchError("The Decisions API takes no batches.", "Start a run that sends its calls one by one.")
    chosen = run.config.get("masking") or {}
    masking = Masking(tuple(chosen.get("kinds", ())), tuple(chosen.get("names", ())))
    return Asker(client, run.config["model"], run.config, manner, masker_for(db, masking))


def folder_of(db: Database, run_id: int) -> Path:
    """Where a run's files lie while they are needed: beside the database, since they hold the same data."""
    return db.path.parent / "batches" / str(run_id)


class Missing:
    """What a run still misses, from the first item to the last; each `write` goes on behind the one before."""

    def __init__(self, db: Database, run: Run, asker: Asker) -> None:
        self._db, self._run, self._asker = db, run, asker
        self._repeats = max(1, int(run.config.get("repeats") or 1))
        self._after = 0

    def write(self, path: Path, rules: BatchRules | None = None) -> Written | None:
        """A file that keeps to the limits (None: there are none), or None where nothing is missing any more.

        The file is there in full or not at all. An item's repeats stay together, so that no two files share one.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
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
            asked: dict[int, list[bytes]] = {}
            for item_id, ordinal, key, body in self._questions(page):
                wanted = Wanted(self._run.id, item_id, ordinal, key)
                asked.setdefault(item_id, []).append(request_line(wanted, body))
            for item_id, lines in asked.items():
                yield item_id, b"".join(lines), len(lines)

    def _page(self, after: int) -> list[Item]:
        with self._db.read() as conn:
            return runs.missing(conn, self._run.id, after, _PAGE)

    def _questions(self, page: Sequence[Item]) -> list[Question]:
        """Those of a page's items that neither this run nor the cache has an answer to."""
        requests, errors = self._rendered(page)
        keyed = [(request, self._asker.key(request)) for request in requests]
        take_over = self._run.config.get("use_cache", True)
        with self._db.write() as conn:
            runs.add_errors(conn, self._run.id, errors)
            runs.add_progress(conn, self._run.id, 0, len(errors), 0, 0)
            if self._repeats > 1:
                return self._open_votes(conn, keyed, take_over=take_over)
            known = cache.find(conn, [key for _, key in keyed]) if take_over else {}
            self._take_over(conn, [(request, key, known[key]) for request, key in keyed if key in known])
        return [(request.item_id, 0, key, self._asker.body(request)) for request, key in keyed if key not in known]

    def _rendered(self, page: Sequence[Item]) -> tuple[list[Request], list[RunError]]:
        requests, errors = [], []
        for item in page:
            try:
                requests.append(self._asker.request(item))
            except WorkbenchError as error:
                errors.append(RunError(item.id, ErrorKind.BAD_REQUEST, str(error), "", 1))
        return requests, errors

    def _take_over(self, conn: Connection, hits: Sequence[tuple[Request, bytes, CachedAnswer]]) -> None:
        labels = self._labels()
        entries = []
        for request, key, hit in hits:
            parsed = self._asker.from_cache(hit.raw, hit.kind)
            entries.append(
                NewAnnotation(
                    item_id=request.item_id,
                    annotator_id=self._run.annotator_id,
                    label_id=labels[parsed.label],
                    run_id=self._run.id,
                    confidence=hit.confidence,
                    confidence_source=hit.confidence_source,
                    kind=parsed.kind,
                    reason=parsed.reason or None,
                    raw=hit.raw,
                    request_hash=key,
                    source_id=hit.source_id,
                )
            )
        annotations.append(conn, entries)
        runs.add_progress(conn, self._run.id, len(entries), 0, 0, 0, from_cache=len(entries))

    def _open_votes(
        self, conn: Connection, keyed: Sequence[tuple[Request, bytes]], *, take_over: bool
    ) -> list[Question]:
        """The repeats that are missing; an item all of whose answers are known by now is settled."""
        labels = self._labels()
        keys = [key for _, key in keyed]
        known = cache.find_repeats(conn, keys) if take_over else {}
        have = repeats.of_items(conn, self._run.id, [request.item_id for request, _ in keyed]) if keyed else {}
        questions: list[Question] = []
        new, settled = [], []
        for request, key in keyed:
            votes = list(have.get(request.item_id, []))
            for ordinal in sorted(set(range(self._repeats)) - {vote.ordinal for vote in votes}):
                hit = known.get((key, ordinal))
                if hit is None:
                    questions.append((request.item_id, ordinal, key, self._asker.body(request)))
                    continue
                parsed = self._asker.from_cache(hit.raw, hit.kind)
                vote = _taken_over(request.item_id, ordinal, labels[parsed.label], parsed.kind, key, hit)
                new.append(vote)
                votes.append(vote)
            if len(votes) >= self._repeats:
                settled.append(majority(votes, self._run.annotator_id, self._run.id))
        repeats.append(conn, self._run.id, new)
        annotations.append(conn, settled)
        free = sum(not entry.prompt_tokens for entry in settled)
        runs.add_progress(conn, self._run.id, len(settled), 0, 0, 0, from_cache=free)
        return questions

    def _labels(self) -> dict[str, int]:
        return {label.name: label.id for label in self._asker.task.choices if label.id is not None}


def _taken_over(item_id: int, ordinal: int, label_id: int, kind: str, key: bytes, hit: CachedAnswer) -> Repeat:
    return Repeat(
        item_id=item_id,
        ordinal=ordinal,
        label_id=label_id,
        kind=kind,
        reason=None,
        raw=hit.raw,
        confidence=hit.confidence,
        seconds=None,
        prompt_tokens=None,
        completion_tokens=None,
        cached_tokens=None,
        request_hash=key,
        source_run_id=hit.source_run_id,
    )
