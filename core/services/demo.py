"""The demo project: invented headlines, a task, two prompt versions."""

from dataclasses import replace
from pathlib import Path

from core.importers import read_table
from core.model import Label, Task
from core.services.common.door import door
from core.services.data.bringing import Data, ImportChoice
from core.services.projects.projects import Projects
from core.services.prompts.prompting import Prompting
from core.services.task.tasks import Tasks
from core.splits import Shares
from core.tasks import propose_labels
from core.tasks.label_prompt import START_USER
from core.tasks.single_label import DESCRIBED_SYSTEM, START_SYSTEM

HEADLINES = Path(__file__).parents[1] / "demo" / "headlines.csv"
NAME = "Demo: news headlines"
SHARES = Shares(0.55, 0.15, 0.30)
DESCRIPTIONS = {
    "MEDIA & ENTERTAINMENT": "Films, television, streaming, music, games, celebrities and the press.",
    "WORLD NEWS": "Events abroad: conflicts, disasters, diplomacy, life in other countries.",
    "CULTURE & ARTS": "Books, museums, theatre, painting, architecture, heritage and ideas.",
    "SCIENCE & TECHNOLOGY": "Research, space, medicine, climate, computers, the internet and inventions.",
    "SPORTS": "Matches, athletes, teams, tournaments and records.",
    "POLITICS": "Government, parliament, parties, elections, laws and courts.",
    "MONEY & BUSINESS": "Companies, markets, jobs, prices, banks and personal finance.",
    "STYLE & BEAUTY": "Fashion, clothes, hair, make-up, skin care and how to look.",
}
GUIDELINES = """**What is the item mainly about?** Choose by its subject, not by where it happened or who is named.

- A film or a streaming service as a *work or a show* is MEDIA & ENTERTAINMENT; its *earnings* are MONEY & BUSINESS.
- A law about technology is POLITICS when the lawmaking is the news, SCIENCE & TECHNOLOGY when the technology is.
- Museums, books and heritage are CULTURE & ARTS, even in a war zone, unless the war is the news.
- If nothing fits, use UNABLE_TO_CLASSIFY rather than guess.
"""


@door
class Demo:
    def __init__(self, projects: Projects, data: Data, tasks: Tasks, prompts: Prompting) -> None:
        self._projects, self._data, self._tasks, self._prompts = projects, data, tasks, prompts

    def create(self) -> int:
        """A fresh demo project; its id. Several may exist side by side, numbered."""
        table = read_table(HEADLINES)
        labels = tuple(
            replace(label, description=DESCRIPTIONS[label.name]) for label in propose_labels([*DESCRIPTIONS])
        )
        task = Task(labels, Label("UNABLE_TO_CLASSIFY", key="0", color="#8A8F98", is_fallback=True), GUIDELINES)
        choice = ImportChoice(self._projects.name_for(NAME), ("text",), ("maria", "jonas"), "id")
        project_id = self._data.import_table(table, choice, task=task, is_demo=True)
        self._data.split(project_id, SHARES, seed=1)
        self._prompts.save(project_id, START_SYSTEM, START_USER, "names only")
        self._prompts.save(project_id, DESCRIBED_SYSTEM, START_USER, "names + descriptions")
        return project_id
