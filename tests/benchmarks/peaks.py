"""What one act needs of memory beyond what its process had before: each a process of its own, which prints MB.

Usage: python -m tests.benchmarks.peaks ACT [ARGUMENTS]. What an act works on is made beforehand, by another process, so
that nothing it left behind is room for the act.
"""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.batches import BatchRules, HostBatches
from core.hosts.chat import ChatClient
from core.hosts.control import list_models, sdk_client
from core.importers import read_table
from core.media import MediaStore
from core.services.data.bringing import ImportChoice
from core.services.export.exporting import Exporting
from core.services.review.reviewing import Reviewing
from core.settings import Settings
from core.splits import group_near_duplicates
from core.storage.engine import open_database
from core.workbench import Workbench, open_workbench
from tests.benchmarks.programs import resident
from tests.benchmarks.texts import labelled_texts

Prepared = Callable[[], object]


def _above(act: Prepared) -> float:
    """MB at the peak of the act above what was resident before it."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
    before = resident(os.getpid())
    kept = act()
    peak = resident(os.getpid(), "VmHWM") - before
    del kept
    return peak


def _workbench(folder: str) -> Workbench:
    return open_workbench(Settings.from_env({"LABELLOOP_DATA": folder}))


def read_with_pandas(path: str) -> Prepared:
    import pandas as pd

    return lambda: pd.read_csv(path)


def read(path: str) -> Prepared:
    return lambda: read_table(Path(path))


def store(path: str, folder: str) -> Prepared:
    """Beyond the rows, which whoever read the file holds."""
    wb, table = _workbench(folder), read_table(Path(path))
    return lambda: wb.data.import_table(table, ImportChoice("bench", ("text",), ("label",)))


def split(n: str) -> Prepared:
    texts = [text for text, _ in labelled_texts(int(n))]
    return lambda: group_near_duplicates(texts)


def hold(n: str) -> Prepared:
    """Texts of that number, each with its words: what comparing all with all would begin with."""
    return lambda: [(text, text.split()) for text, _ in labelled_texts(int(n))]


def review(folder: str, project_id: str) -> Prepared:
    """Two hundred items as the review screen loads them, beside what everybody said.

    Pages of the file that a connection keeps have a bound of their own, and are no part of this.
    """
    project, wb = int(project_id), _workbench(folder)
    everyone = [one.id for one in wb.projects.annotators(project)]
    db = open_database(wb.settings.database_path, cache_mb=1)
    with db.read() as conn:
        items = [row[0] for row in conn.exec_driver_sql("SELECT id FROM items ORDER BY id LIMIT 200")]
    return lambda: Reviewing(db).load(project, items, everyone, None)


def page(folder: str, project_id: str, name: str) -> Prepared:
    """A first visit of a page, in a session that has seen the projects before."""
    from tests.benchmarks.page_runs import opened

    app = opened(folder, int(project_id))
    return lambda: app.switch_page(f"pages/{name}.py").run()


def export(folder: str, project_id: str, file_format: str) -> Prepared:
    """All annotations to a file; pages of the database that are kept are no part of this either."""
    db = open_database(_workbench(folder).settings.database_path, cache_mb=1)

    def write() -> None:
        with open(os.devnull, "wb") as out:
            Exporting(db, MediaStore(Path(folder) / "media"), Path(folder) / "exports").write(
                int(project_id), out, shape="long", file_format=file_format
            )

    return write


def export_files(folder: str, project_id: str, shape: str, file_format: str) -> Prepared:
    """A zip with the files of all items."""
    wb = _workbench(folder)
    return lambda: wb.export.build(int(project_id), "bench.zip", shape=shape, file_format=file_format)


def readers(path: str, number: str) -> Prepared:
    """So many connections at once, each of which reads the whole file."""
    db, together = open_database(Path(path)), threading.Barrier(int(number))

    def one() -> None:
        with db.read() as conn:
            together.wait()
            for _ in range(2):
                conn.exec_driver_sql("SELECT SUM(LENGTH(text)), SUM(LENGTH(hash)) FROM items").one()
            together.wait()

    def all_of_them() -> None:
        threads = [threading.Thread(target=one) for _ in range(int(number))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return all_of_them


def answer(url: str) -> Prepared:
    """One answer of a live run; the client has spoken to the host before."""

    async def ask() -> None:
        async with ChatClient(Connection(url, "")) as client:
            print(await client.ask({"model": "bench", "messages": []}), file=sys.stderr)

    return lambda: asyncio.run(ask())


def models(url: str) -> Prepared:
    sdk_client(Connection(url, ""), timeout=60.0, max_retries=0)  # what it imports is no part of the answer
    return lambda: _refused(lambda: list_models(Connection(url, "")))


def download(url: str, path: str) -> Prepared:
    host = HostBatches(Connection(url, ""), BatchRules())
    return lambda: host.download("file-1", Path(path))


def _refused(act: Prepared) -> None:
    try:
        act()
    except WorkbenchError as error:
        print(error, file=sys.stderr)
    else:
        raise AssertionError("what has no end was taken")


ACTS: dict[str, Callable[..., Prepared]] = {
    one.__name__: one
    for one in (
        read_with_pandas,
        read,
        store,
        split,
        hold,
        review,
        page,
        export,
        export_files,
        readers,
        answer,
        models,
        download,
    )
}

if __name__ == "__main__":
    print(_above(ACTS[sys.argv[1]](*sys.argv[2:])))
