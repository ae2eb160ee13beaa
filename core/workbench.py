"""The one place where everything is wired together.

from core.workbench import open_workbench
wb = open_workbench()
project = wb.demo.create()
"""

from dataclasses import dataclass

from core.services.agreement.agreeing import Agreement
from core.services.agreement.comparing import Comparing
from core.services.agreement.likening import Likenesses
from core.services.batching.handling import Batching
from core.services.common.health import Health
from core.services.data.bringing import Data
from core.services.demo import Demo
from core.services.drafts.keeping import Drafts
from core.services.export.exporting import Exporting
from core.services.export.pushing import Pushing
from core.services.hosts.calendar import Calendar
from core.services.hosts.connections import Hosts
from core.services.hosts.price_table import PriceTable
from core.services.hosts.prices import Prices
from core.services.hosts.retiring import Retirements
from core.services.learning.deploying import Deploying
from core.services.learning.fine_tuning import FineTuning
from core.services.media.keeping import Media
from core.services.media.vocabulary import PUBLIC, Reach
from core.services.portable.golden import Golden
from core.services.portable.taking import Portable
from core.services.projects.progress import Progress
from core.services.projects.projects import Projects
from core.services.projects.task_files import TaskFiles
from core.services.prompts.prompting import Prompting
from core.services.review.reviewing import Reviewing
from core.services.runs.running import Running
from core.services.studies.studying import Studies
from core.services.task.tasks import Tasks
from core.settings import Settings
from core.storage.engine import Database, open_database
from core.worker import Worker


@dataclass(frozen=True)
class Workbench:
    """Every verb of the product, grouped by the page that needs it. Safe to share between threads."""

    settings: Settings
    db: Database
    health: Health
    hosts: Hosts
    prices: Prices
    price_table: PriceTable
    retirements: Retirements
    calendar: Calendar
    worker: Worker
    projects: Projects
    data: Data
    media: Media
    tasks: Tasks
    task_files: TaskFiles
    drafts: Drafts
    prompts: Prompting
    runs: Running
    batches: Batching
    review: Reviewing
    agreement: Agreement
    likenesses: Likenesses
    fine_tunes: FineTuning
    studies: Studies
    deployments: Deploying
    compare: Comparing
    export: Exporting
    hub: Pushing
    portable: Portable
    golden: Golden
    progress: Progress
    demo: Demo

    def close(self) -> None:
        """Stop the worker and the embedded host, and close the database. What was under way can be resumed."""
        self.worker.stop()
        self.likenesses.stop()
        self.hosts.close()
        self.db.close()


def open_workbench(settings: Settings | None = None, reach: Reach = PUBLIC) -> Workbench:
    """Open (or create) the database named by the settings. Raises `WorkbenchError` for a file that cannot be used.

    `reach` says where files may be fetched from, see `core.fetching`. The worker is not started:
    `wb.worker.ensure_started()` does that, or `python -m core.worker` elsewhere.
    """
    settings = settings or Settings.from_env()
    db = open_database(settings.database_path)
    hosts, prices = Hosts(settings, db), Prices(db)
    projects, data, tasks = Projects(db), Data(db), Tasks(db)
    media = Media(db, settings.media_dir)
    media.clear_orphans()
    prompts, runs = Prompting(db, hosts), Running(db, hosts, prices)
    retirements, comparing = Retirements(db, prices), Comparing(db, runs.costs)
    export = Exporting(db, media.store, settings.data_dir / "exports")
    export.clear()
    return Workbench(
        settings=settings,
        db=db,
        health=Health(db),
        hosts=hosts,
        prices=prices,
        price_table=PriceTable(hosts, prices),
        retirements=retirements,
        calendar=Calendar(db, hosts, retirements),
        worker=Worker(db, hosts, settings, reach),
        projects=projects,
        data=data,
        media=media,
        tasks=tasks,
        task_files=TaskFiles(db),
        drafts=Drafts(db),
        prompts=prompts,
        runs=runs,
        batches=Batching(db, hosts),
        review=Reviewing(db),
        agreement=Agreement(db),
        likenesses=Likenesses(db, hosts),
        fine_tunes=FineTuning(db, hosts),
        studies=Studies(db, hosts),
        deployments=Deploying(db, hosts),
        compare=comparing,
        export=export,
        hub=Pushing(db, settings, export),
        portable=Portable(db, hosts, retirements, settings.data_dir / "exports"),
        golden=Golden(db, hosts, prices, runs, comparing),
        progress=Progress(db),
        demo=Demo(projects, data, tasks, prompts),
    )
