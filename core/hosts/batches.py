"""Batches at a host, through the `openai` SDK: upload, create, find again, look, cancel, download.

Reading is tolerant: Together's shapes (`{"job": {...}}`, a bare list, upper-case statuses) pass as OpenAI's do,
and the host's own word is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.host_words import End, end_of, goes_on, unsure
from core.hosts.addresses import Connection
from core.hosts.batch_lines import URL
from core.hosts.control import sdk_client
from core.hosts.explaining import Explaining
from core.hosts.incoming import TooMuch
from core.hosts.profiles import HostProfile
from core.hosts.secrecy import Hider
from core.text import clean

TAG = "labelloop"
"""Metadata key by which a batch is found again when the program died between creating it and writing down its id."""

_PAGES = 20
_PAGE = 100
_CHUNK = 2**18
MOST_OF_A_FILE = 4 * 1024**3
"""Bytes of a result file, unpacked: twenty times the largest file of requests, log-probabilities included."""


class BatchProgress(StrEnum):
    """Ours, of a batch at a host. The host's own word is kept beside it."""

    UNDER_WAY = "under_way"
    ENDED = "ended"
    REFUSED = "refused"


@dataclass(frozen=True)
class BatchRules:
    """What a host asks of a batch file: the upload's `purpose` and path, most lines and bytes of one file."""

    purpose: str = "batch"
    upload_path: str = "/files"
    lines: int = 50_000
    bytes: int = 200_000_000


_TOGETHER = BatchRules("batch-api", "/files/upload", bytes=100_000_000)


def rules_of(profile: HostProfile) -> BatchRules:
    return _TOGETHER if profile.batch_purpose == _TOGETHER.purpose else BatchRules(profile.batch_purpose)


@dataclass(frozen=True)
class BatchState:
    """One look at a batch. `answered` and `failed` as the host counts so far; `message` is its reason for refusing.

    `is_full`: refused only because the host takes no more at once.
    """

    progress: BatchProgress
    host_status: str
    answered: int = 0
    failed: int = 0
    result_file_ids: tuple[str, ...] = ()
    message: str = ""
    is_full: bool = False


class HostBatches:
    """The verbs on one connection. Every trouble with the host is a `WorkbenchError`, without the key.

    Any of them raises `NotYet` where the host wants to be asked later.
    """

    def __init__(self, connection: Connection, rules: BatchRules, *, timeout: float = 60.0) -> None:
        self._hider, self._rules = Hider(*connection.secrets), rules
        self._explained = Explaining(self._hider.text)
        self._client = sdk_client(connection, timeout=timeout, max_retries=2)
        # Never retried blindly: the answer may be lost after the batch, which costs money, was made.
        self._once = self._client.with_options(max_retries=0)
        # Files of 200 MB take longer than an answer does.
        self._patient = self._client.with_options(timeout=timeout * 10)

    def upload(self, path: Path) -> str:
        """The host's id of the uploaded file, which is read as it is sent. Uploading twice costs nothing."""
        with self._explained("upload the batch file"), path.open("rb") as content:
            answer = self._patient.post(
                self._rules.upload_path,
                body={"purpose": self._rules.purpose, "file_name": path.name}
                if self._rules.upload_path != "/files"
                else {"purpose": self._rules.purpose},
                files={"file": (path.name, content, "application/jsonl")},
                options={"headers": {"Content-Type": "multipart/form-data"}},
                cast_to=object,
            )
            return _id_of(answer)

    def create(self, file_id: str, tag: str) -> str:
        """The host's id of the new batch. Raises `Unanswered` where it may have been made all the same."""
        asked = {
            "input_file_id": file_id,
            "endpoint": URL,
            "completion_window": "24h",
            "metadata": {TAG: tag},
        }
        with self._explained("start the batch", may_have_worked=True):
            return _id_of(self._once.post("/batches", body=asked, cast_to=object))

    def find(self, file_id: str, tag: str) -> str | None:
        """The id of the batch made with this tag, or of this file where the host keeps no tags; None if there is none.

        One the host refused does not count: nothing came of it. Looks through the host's newest batches, 2,000 at most.
        """
        with self._explained("list the batches"):
            for batch in self._listed():
                metadata = batch.get("metadata")
                if _progress_of(batch) is BatchProgress.REFUSED:
                    continue
                is_tagged = isinstance(metadata, Mapping) and metadata.get(TAG) == tag
                if is_tagged or batch.get("input_file_id") == file_id:
                    return _id_of(batch)
        return None

    def look(self, batch_id: str) -> BatchState:
        with self._explained("read the batch", may_be_gone=True):
            return self._read(_job(self._client.get(f"/batches/{batch_id}", cast_to=object)))

    def cancel(self, batch_id: str) -> None:
        """Ask the host to stop; what is finished by then is kept and billed."""
        with self._explained("cancel the batch"):
            self._client.post(f"/batches/{batch_id}/cancel", cast_to=object)

    def download(self, file_id: str, path: Path) -> None:
        """Write the file's content to `path`, piece by piece; the file is there in full or not at all."""
        part = path.with_suffix(".part")
        with self._explained("fetch the results", may_be_gone=True):
            with self._patient.files.with_streaming_response.content(file_id) as answer, part.open("wb") as target:
                for chunk in self._hider.stream(answer.iter_bytes(_CHUNK)):
                    target.write(chunk)
                    if target.tell() > MOST_OF_A_FILE:
                        raise TooMuch(MOST_OF_A_FILE)
            part.replace(path)

    def _listed(self) -> Iterator[Mapping[str, Any]]:
        # Iterating the SDK's pager never ends on a host that ignores `after`; so page by hand, and stop on a repeat.
        seen: set[str] = set()
        after: str | None = None
        for _ in range(_PAGES):
            query = {"limit": _PAGE, "after": after} if after else {"limit": _PAGE}
            answer = self._client.get("/batches", options={"params": query}, cast_to=object)
            page = answer if isinstance(answer, list) else answer.get("data") or []
            fresh = [batch for batch in page if batch.get("id") not in seen]
            yield from fresh
            seen.update(_id_of(batch) for batch in fresh)
            has_more = answer.get("has_more", len(page) >= _PAGE) if isinstance(answer, Mapping) else False
            if not fresh or not has_more:
                return
            after = _id_of(page[-1])

    def _read(self, batch: Mapping[str, Any]) -> BatchState:
        host_status = str(batch.get("status") or "")
        counts, progress = _counts(batch), _progress_of(batch)
        files = (batch.get("output_file_id"), batch.get("error_file_id"))
        return BatchState(
            progress=progress,
            host_status=self._hider.text(clean(host_status)),
            answered=_count(counts.get("completed")),
            failed=_count(counts.get("failed")),
            result_file_ids=tuple(dict.fromkeys(str(name) for name in files if name)),
            message=self._hider.text(_reason(batch, progress))[:500],
            is_full="token_limit_exceeded" in _errors(batch)[0],
        )


_ENDS = ("completed_at", "finished_at", "ended_at", "cancelled_at", "canceled_at", "expired_at")


def _progress_of(batch: Mapping[str, Any]) -> BatchProgress:
    """By the host's word; where that leaves it open by whether there is an end, an error or a result.

    Neither an error nor a result file ends what the host is seen to count on with.
    """
    status = str(batch.get("status") or "")
    end = end_of(status)
    if end is not None:
        is_refused = end is End.BADLY and "expir" not in status.lower()
        return BatchProgress.REFUSED if is_refused else BatchProgress.ENDED
    if any(batch.get(name) for name in _ENDS):
        return BatchProgress.ENDED
    if batch.get("failed_at"):
        return BatchProgress.REFUSED
    if _is_counting(batch):
        return BatchProgress.UNDER_WAY
    if _errors(batch)[1]:
        return BatchProgress.REFUSED
    has_result = batch.get("output_file_id") and not goes_on(status)
    return BatchProgress.ENDED if has_result else BatchProgress.UNDER_WAY


def _is_counting(batch: Mapping[str, Any]) -> bool:
    counts = _counts(batch)
    return 0 < _count(counts.get("completed")) + _count(counts.get("failed")) < _count(counts.get("total"))


def _counts(batch: Mapping[str, Any]) -> Mapping[str, Any]:
    counts = batch.get("request_counts")
    return counts if isinstance(counts, Mapping) else {}


def _reason(batch: Mapping[str, Any], progress: BatchProgress) -> str:
    """What to tell beside the state: the host's reason, or what is waited for."""
    status = clean(str(batch.get("status") or ""))
    if said := _errors(batch)[1]:
        return said
    if progress is BatchProgress.REFUSED:
        return f"The host ended the batch as “{status}” without saying why."
    return unsure(status) if progress is BatchProgress.UNDER_WAY else ""


def _job(answer: Any) -> Mapping[str, Any]:
    """The batch object, also where it stands inside `job`."""
    if isinstance(answer, Mapping) and isinstance(answer.get("job"), Mapping):
        answer = answer["job"]
    if not isinstance(answer, Mapping):
        raise TypeError("no object")
    return answer


def _id_of(answer: Any) -> str:
    return str(_job(answer)["id"])


def _errors(batch: Mapping[str, Any]) -> tuple[set[str], str]:
    """`(codes, words)` of a batch refused as a whole: OpenAI's list of errors, or one sentence."""
    errors = batch.get("errors") or batch.get("error") or {}
    entries = errors.get("data") or [] if isinstance(errors, Mapping) else [{"message": str(errors)}]
    found = [entry for entry in entries if isinstance(entry, Mapping)]
    lines = [
        f"line {entry['line']}: {entry.get('message')}" if entry.get("line") else entry.get("message")
        for entry in found
    ]
    return {str(entry.get("code")) for entry in found}, " · ".join(str(line) for line in lines[:5] if line)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
