"""The training set of an earlier fine-tune, byte by byte, for another host: nothing of it is built anew."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, overload

from core.errors import WorkbenchError
from core.finetune import EXAMPLE_FORMS, METHODS, PAIR_FORMS, Check, Level, LineForm, Method
from core.finetune.facts import RESERVED
from core.hosts.profiles import EMBEDDED
from core.media import MediaStore
from core.model import FieldLayout, FineTune, Label, Masking, PromptVersion, Task
from core.plural import count
from core.prompts.masking import Masker
from core.services.asking.frozen import masking_of
from core.services.asking.writing import WRITES_NOTHING, writes_nothing
from core.services.common.lookup import fine_tune_of, version_of
from core.services.common.training_files import TRAIN, VALIDATION, TrainingFiles, files_of_job, training_files_of
from core.services.hosts.models import tuned_title
from core.services.learning.checking import preflight_of
from core.services.learning.preflight import UPLOADED, Preflight, TuneRequest
from core.storage import tasks
from core.storage.engine import Connection, Database

MIN_LINES = 10
_DATA = re.compile(r'"data:[^"]*"')
_OTHER_SET = "Build the set from the project instead."


class KeptLines(Sequence[str]):
    """The lines of a kept file, read when they are asked for."""

    def __init__(self, path: Path | None, number: int) -> None:
        self.path, self._number = path, number

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return list(islice(self, *place.indices(self._number)))
        return next(islice(self, place, None))

    def __iter__(self) -> Iterator[str]:
        if self.path is not None:
            with self.path.open(encoding="utf-8-sig") as file:
                yield from (line.rstrip("\n") for line in file if line.strip())


@dataclass(frozen=True)
class KeptSet:
    """As a `TrainingSet` where a page asks; its lines are text."""

    task: Task
    version: PromptVersion
    train: KeptLines
    validation: KeptLines
    labels: tuple[Label, ...]
    with_fallback: bool = True
    fallbacks: int = 0
    masked: int = 0
    texts: Sequence[str] = ()
    layout: Sequence[FieldLayout] = ()
    media: MediaStore | None = None
    read: None = None


@dataclass(frozen=True)
class SamePreflight(Preflight):
    """What would be sent is a copy of the kept files."""

    training: KeptSet  # type: ignore[assignment]
    taught_by: Method = Method.SUPERVISED
    words: Mapping[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> Method:
        return self.taught_by

    @property
    def per_question(self) -> dict[str, dict[str, int]]:
        return {}

    @property
    def asked(self) -> dict[str, Any]:
        return dict(self.words)

    @property
    def forms(self) -> dict[str, LineForm[Any]]:
        """Only the one it was written in."""
        forms: Mapping[str, LineForm[Any]] = PAIR_FORMS if self.method is Method.DPO else EXAMPLE_FORMS
        return {UPLOADED: forms[UPLOADED]}

    @property
    def shows_files(self) -> bool:
        return any('"image_url"' in line for line in self.training.train[:1])

    def jsonl(self, form: str = UPLOADED) -> str:
        return _text(self.training.train)

    def validation_jsonl(self, form: str = UPLOADED) -> str:
        return _text(self.training.validation)

    def write(
        self,
        out: BinaryIO,
        form: str = UPLOADED,
        *,
        validation: bool = False,
        progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        lines = self.training.validation if validation else self.training.train
        if lines.path is not None:
            with lines.path.open("rb") as file:
                shutil.copyfileobj(file, out)
        progress(1.0)

    def seen(self, n: int = 10) -> list[tuple[tuple[str, str], ...]]:
        step = max(1, len(self.training.train) // n)
        return [_turns(line) for line in islice(self.training.train, 0, None, step)][:n]

    def sample(self, n: int = 3, form: str = UPLOADED) -> list[str]:
        return [_DATA.sub('"data:…"', line) for line in self.training.train[:n]]


def _turns(line: str) -> tuple[tuple[str, str], ...]:
    """`(who speaks, what is said)` of a line of either form."""
    told = json.loads(line)
    if "messages" in told:
        return tuple((one["role"], _said(one["content"])) for one in told["messages"])
    asked = tuple((one["role"], _said(one["content"])) for one in told["input"]["messages"])
    pair = (("preferred", "preferred_output"), ("not preferred", "non_preferred_output"))
    return (*asked, *((name, _said(told[key][0]["content"])) for name, key in pair))


def _said(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text") or "(picture)" for part in content)


def _text(lines: KeptLines) -> str:
    return "" if lines.path is None else lines.path.read_bytes().decode()


def preflight_for(
    db: Database, conn: Connection, request: TuneRequest, masker: Masker, media: MediaStore | None, *, host: str = ""
) -> Preflight:
    """What the request would teach, built from the project now or as an earlier fine-tune was taught; checked for the
    host, where one is named."""
    if request.same_as is None:
        return preflight_of(conn, request, masker, media, host=host)
    return same_preflight(conn, fine_tune_of(conn, request.same_as), request.masking, training_files_of(db), host)


def same_request(job: FineTune) -> TuneRequest:
    """What asks for the very files of this fine-tune."""
    return TuneRequest(
        job.project_id,
        job.annotator_id,
        job.prompt_version_id,
        with_validation=VALIDATION in files_of_job(job),
        with_fallback=bool(job.config.get("with_fallback", True)),
        method=job.config.get("method") or Method.SUPERVISED,
        against=job.config.get("against"),
        same_as=job.id,
    )


def same_preflight(conn: Connection, job: FineTune, masking: Masking, files: TrainingFiles, host: str) -> SamePreflight:
    """Raises `WorkbenchError` where the files are not kept here."""
    kept = files_of_job(job)
    train = files.path(kept[TRAIN].sha256) if TRAIN in kept else None
    if train is None:
        text = f"The training file of {tuned_title(job)} is not kept here."
        raise WorkbenchError(text, _OTHER_SET)
    validation = files.path(kept[VALIDATION].sha256) if VALIDATION in kept else None
    task, version = tasks.task(conn, job.project_id), version_of(conn, job.prompt_version_id)
    per_label = dict(job.config.get("per_label") or {})
    labels = tuple(one for one in task.choices if one.name in per_label)
    lines = KeptLines(train, kept[TRAIN].lines)
    beside = KeptLines(validation, kept[VALIDATION].lines if validation else 0)
    lengths, reserved = _looked_through(lines)
    method = Method(job.config.get("method") or Method.SUPERVISED)
    made = KeptSet(task, version, lines, beside, labels, bool(job.config.get("with_fallback", True)))
    found = SamePreflight(
        made,
        checks=tuple(_checks(job, made, method, masking, host, reserved)),
        per_label={name: n for name, n in per_label.items() if name in {one.name for one in labels}},
        tokens=sum(tokens * n for tokens, n in lengths.items()),
        lengths=tuple(sorted(lengths.items())),
        taught_by=method,
        words=job.config.get("asked") or {},
    )
    return found


def _checks(
    job: FineTune, made: KeptSet, method: Method, masking: Masking, host: str, reserved: int
) -> Iterator[Check]:
    if host == EMBEDDED.key and method is Method.DPO or host and writes_nothing(host, made.task):
        yield Check(Level.BLOCKER, "A host that can learn it", WRITES_NOTHING, "Choose another host.")
    if len(made.train) < MIN_LINES:
        finding = f"The file has {count(len(made.train), 'line')}; hosts take {MIN_LINES} or more."
        yield Check(Level.BLOCKER, "Enough lines", finding, _OTHER_SET)
    before = masking_of(job.config)
    if not (set(masking.kinds) <= set(before.kinds) and set(masking.names) <= set(before.names)):
        finding = "This host masks more than the host that the file was written for, and the file stays as it is."
        yield Check(Level.BLOCKER, "Masked for this host", finding, _OTHER_SET)
    if reserved:
        finding = f"{count(reserved, 'line')} with a token that hosts reserve, such as {RESERVED[0]}."
        yield Check(Level.WARNING, "No reserved tokens", finding, "The host may refuse the file.")
    finding = f"The files of {tuned_title(job)} as they were sent: {METHODS[method].title.lower()}, "
    finding += f"{count(len(made.train), 'line')} and {len(made.validation):,} for validation."
    yield Check(Level.OK, "The very same set", finding)


def _looked_through(lines: KeptLines) -> tuple[Counter[int], int]:
    """How many lines have about so many tokens (characters / 4, without pictures), and in how many lines is a reserved
    one."""
    lengths, reserved = Counter[int](), 0
    for line in lines:
        lengths[len(_DATA.sub("", line)) // 4] += 1
        reserved += any(token in line for token in RESERVED)
    return lengths, reserved
