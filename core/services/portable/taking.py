"""Take it home: the model card of a fine-tune, and the zip of all it was made of."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from core.errors import WorkbenchError
from core.model import FineTune, Host
from core.portable import card_markdown
from core.portable.bundle import write_bundle, write_parts
from core.services.common.door import door
from core.services.common.files import media_of
from core.services.common.lookup import fine_tune_of, project_of
from core.services.common.training_files import TRAIN, files_of_job, training_files_of
from core.services.export import built_files
from core.services.hosts.connections import Hosts
from core.services.hosts.models import tuned_title
from core.services.hosts.retiring import Retirements
from core.services.portable.bringing import NOT_CONNECTED, Brought, bring, connect, what_to_do
from core.services.portable.describing import Describing
from core.services.portable.guarding import guarded
from core.services.portable.kits import base_on_the_hub, kit_parts
from core.services.portable.packing import TRAINING, packed
from core.storage import annotations
from core.storage.engine import Database


@door
class Portable:
    def __init__(self, db: Database, hosts: Hosts, retirements: Retirements, folder: Path) -> None:
        """`folder` is where files lie that are built to be taken along."""
        self._db, self._hosts, self._folder = db, hosts, folder
        self._describing = Describing(db, hosts, retirements)

    def card(self, fine_tune_id: int, *, with_test: bool = False) -> str:
        """The model card as Markdown, with a block of metadata on top. With its figures on test each model measured
        there is a look, and counted."""
        return card_markdown(self._describing.card(self._job(fine_tune_id), with_test=with_test))

    def looks_ahead(self, fine_tune_id: int) -> int:
        """As how many looks at test it would count to be told its figures there now."""
        return self._describing.looks_ahead(self._job(fine_tune_id))

    def export(self, fine_tune_id: int, *, with_test: bool = True) -> Path:
        """Everything the fine-tune was made of and what its model said, as one zip in the folder for exports, without
        any key. With what models say of test items each of them is a look, and counted.

        The zip is there whole, or as it was before. Raises `WorkbenchError` where the disk does not take it, and where
        a key is in a training file.
        """
        job = self._job(fine_tune_id)
        hiders = [self._hosts.hider(host.key) for host in self._hosts.all()]
        what = packed(
            self._db,
            job,
            host=self._host(job),
            card=self.card(fine_tune_id, with_test=with_test),
            with_test=with_test,
            files=training_files_of(self._db),
            store=media_of(self._db),
        )
        parts = [guarded(part, hiders, exact=part.name.startswith(TRAINING)) for part in what.parts]
        return self._put(job, "", lambda out: write_bundle(out, what.facts, parts, what.media))

    def bring(self, path: Path) -> Brought:
        """Import the zip of a fine-tune, also one from another machine: its project, task, prompt, items and answers,
        and the fine-tune with its model, whose host is not connected. One that is here already changes nothing.

        Raises `WorkbenchError` with one sentence for a zip that is none of these, damaged, changed or dangerous; then
        nothing is imported.
        """
        return bring(self._db, path, training_files_of(self._db), media_of(self._db))

    def waits_for_host(self, fine_tune_id: int) -> str:
        """What to do before the model of an imported fine-tune can be called; "" where its host is connected."""
        job = self._job(fine_tune_id)
        return what_to_do(str(job.config["origin"]["host_title"])) if job.host.startswith(NOT_CONNECTED) else ""

    def connect(self, fine_tune_id: int, host: str) -> None:
        """Say which of the hosts here has the model of an imported fine-tune."""
        job = self._job(fine_tune_id)
        if not job.host.startswith(NOT_CONNECTED):
            raise WorkbenchError("The host of this fine-tune is connected already.", "Nothing was changed.")
        connect(self._db, job.id, job.project_id, job.host, self._hosts.get(host).key)

    def kit(self, fine_tune_id: int, base: str = "") -> Path:
        """The training set as a LoRA kit: a zip with the files as they were sent, a script and its configuration, in
        the folder for exports. `base` names a model of the Hub, where that of the fine-tune is none.

        Raises `WorkbenchError` for another name, and where the training file is not kept or has a key in it.
        """
        job = self._job(fine_tune_id)
        hiders = [self._hosts.hider(host.key) for host in self._hosts.all()]
        parts = [guarded(one, hiders, exact=True) for one in kit_parts(job, base, training_files_of(self._db))]
        return self._put(job, "-lora-kit", lambda out: write_parts(out, parts))

    def has_training_files(self, fine_tune_id: int) -> bool:
        """Whether what it was taught is kept as it was sent."""
        kept, files = files_of_job(self._job(fine_tune_id)), training_files_of(self._db)
        return TRAIN in kept and files.path(kept[TRAIN].sha256) is not None

    def base_on_the_hub(self, fine_tune_id: int) -> str:
        """What the base model is called on the Hub, where its name is one of the Hub; else ""."""
        return base_on_the_hub(self._job(fine_tune_id))

    def _put(self, job: FineTune, what: str, write: Callable[[BinaryIO], object]) -> Path:
        with self._db.read() as conn:
            project, newest = project_of(conn, job.project_id), annotations.newest_of_all(conn)
        name = f"{project.name}-{tuned_title(job)}{what}.zip"
        return built_files.put(self._folder, project.home, name, write, newest)

    def _job(self, fine_tune_id: int) -> FineTune:
        with self._db.read() as conn:
            return fine_tune_of(conn, fine_tune_id)

    def _host(self, job: FineTune) -> Host | None:
        """None where it is not connected, or was removed."""
        try:
            return self._hosts.get(job.host)
        except WorkbenchError:
            return None
