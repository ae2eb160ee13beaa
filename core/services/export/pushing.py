"""A project's annotations put on the Hugging Face hub, with a token that is kept in memory alone."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.errors import WorkbenchError
from core.exporters.hub import check_name, open_repository, push
from core.services.common.door import door
from core.services.common.lookup import project_of
from core.services.export.exporting import Exporting
from core.services.export.rows import TOOL
from core.settings import Settings
from core.storage.engine import Database

TOKEN = "HF_TOKEN"
"""The variable of the environment, or of secrets.toml, in which a token is looked for."""
DATA_SET = "datasets"


@door
class Pushing:
    def __init__(self, db: Database, settings: Settings, export: Exporting) -> None:
        self._db, self._settings, self._export = db, settings, export
        self._typed = ""

    def has_token(self) -> bool:
        """Whether there is one, typed or in the environment or secrets.toml. It itself is told to nobody."""
        return bool(self._token())

    def type_token(self, token: str) -> None:
        """Keep it until the process ends. Raises `WorkbenchError` where it cannot be one."""
        given = token.strip()
        if not given or not all("!" <= sign <= "~" for sign in given):
            raise WorkbenchError("What you typed is no token: it has blanks or odd characters.", "Copy it again.")
        self._typed = given

    def forget_token(self) -> None:
        """Forget what was typed; what the environment has counts again."""
        self._typed = ""

    def push(
        self,
        project_id: int,
        repository: str,
        *,
        private: bool = True,
        annotator_ids: Sequence[int] | None = None,
        models_on_test: bool = True,
    ) -> str:
        """Put what these annotators (all by default) say into a data set of the hub, one row an item and one file a
        split; gives its address. It is private unless `private` is False.

        Nothing leaves before the hub has taken token and name, and what models say of test items is counted as a look
        only then. Raises `WorkbenchError` without a token, for a name that is none, a public data set where a private
        one is meant, and whatever the hub refuses.
        """
        name, token = check_name(repository), self._token()
        if not token:
            raise WorkbenchError("There is no token for the Hugging Face hub.", f"Type one, or set {TOKEN}.")
        with self._db.read() as conn:
            title = project_of(conn, project_id).name
        open_repository(name, token, private=private)
        with tempfile.TemporaryDirectory() as folder:
            saved = Path(folder) / "saved.zip"
            with saved.open("wb") as out:
                self._export.write(
                    project_id,
                    out,
                    shape=TOOL,
                    file_format=DATA_SET,
                    annotator_ids=annotator_ids,
                    models_on_test=models_on_test,
                )
            return push(name, token, saved, title)

    def _token(self) -> str:
        found = self._typed or self._settings.environment.get(TOKEN, "") or self._settings.secrets.get(TOKEN, "")
        return found.strip()

    def __repr__(self) -> str:
        return "Pushing()"
