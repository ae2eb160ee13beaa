"""Small projects whose right answers are known by their texts."""

from dataclasses import dataclass

from core.model import AnnotatorKind, Label, Run, Split, TableData, Task
from core.services.data.bringing import ImportChoice
from core.services.runs.running import ModelRef, RunRequest
from core.splits import Shares
from core.workbench import Workbench
from tests.fakes import saying

MODEL = "fake-large"
TASK = Task((Label("SPORTS", "games and teams"), Label("POLITICS", "laws and elections")), guidelines="By subject.")


def right_label(text: str) -> str:
    """What both the imported column `gold` and a well-behaved fake host say."""
    return "SPORTS" if text.startswith("team") else "POLITICS"


def table(n: int) -> TableData:
    """`n` rows: id, text, gold (always right), hasty (SPORTS but for the first). No two texts are near-identical."""
    texts = [f"{'team' if i % 2 else 'law'}{i} first{i} second{i} third{i} fourth{i}" for i in range(n)]
    rows = [(f"r{i:03}", text, right_label(text), "SPORTS" if i else "POLITICS") for i, text in enumerate(texts)]
    return TableData(("id", "text", "gold", "hasty"), rows, "made for a test")


@dataclass(frozen=True)
class SmallProject:
    """Sixty items by default, split 30/12/18, one prompt version; `gold` and `hasty` are annotator ids."""

    wb: Workbench
    id: int
    version_id: int
    gold: int
    hasty: int

    def items(self, split: Split | None = None) -> dict[int, str]:
        """Text by item id."""
        from core.storage import items

        with self.wb.db.read() as conn:
            return {i: item.text for i, item in items.get_many(conn, items.ids_in(conn, self.id, split)).items()}

    def model(self, name: str, *splits: Split, fine_tune_id: int | None = None) -> int:
        """A model of that name that has labelled these splits, every item the same; its annotator's id."""
        from core.services.common.lookup import ensure_annotator

        with self.wb.db.write() as conn:
            one = ensure_annotator(conn, self.id, AnnotatorKind.MODEL, name, model=name, fine_tune_id=fine_tune_id)
            label = next(iter(saying.label_ids_of(conn, self.gold).values()))
            chosen = [(item, label) for split in splits for item in self.items(split)]
            saying.append_labels(conn, one, chosen)
        return one

    def start(self, split: Split | None = None, **choices: object) -> Run:
        """Queue a run of the fake model over a split (all items by default)."""
        request = RunRequest(self.id, (self.version_id,), (ModelRef("openai", MODEL),), split=split, **choices)  # type: ignore[arg-type]
        return self.wb.runs.start(request)[0]


def make_project(wb: Workbench, n: int = 60, name: str = "Small", seed: int = 1) -> SmallProject:
    project_id = wb.data.import_table(table(n), ImportChoice(name, ("text",), ("gold", "hasty"), "id"), task=TASK)
    wb.data.split(project_id, Shares(0.5, 0.2, 0.3), seed=seed)
    version = wb.prompts.save(project_id, "Choose one of:\n{{labels}}", "{{text}}", "plain")
    by_name = {annotator.name: annotator.id for annotator in wb.projects.annotators(project_id)}
    return SmallProject(wb, project_id, version.id, by_name["gold"], by_name["hasty"])
