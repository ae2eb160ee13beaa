# The loop without a browser: everything the pages do, through `core.workbench`.
#
# Run it from the repository's folder (`PYTHONPATH=. python docs/loop.py`), or cell by cell in a notebook there. It
# needs no key and no GPU: the embedded host labels and learns on this machine. A minute is plenty.

# %% Open a workbench. Everything lives in one folder; leave the argument out to use the app's own (./data).
import json
import tempfile
import time

from core.model import QuestionKind, Split, TableData
from core.services.data.bringing import ImportChoice
from core.services.learning.fine_tuning import TuneRequest
from core.services.review.reviewing import Decision, QueueFilter
from core.services.runs.running import ModelRef, RunRequest
from core.settings import Settings
from core.workbench import open_workbench

folder = tempfile.mkdtemp(prefix="labelloop-")
wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": folder}))
wb.worker.ensure_started()


def wait_for_runs(project: int) -> None:
    while any(run.status.is_live for run in wb.runs.all(project)):
        time.sleep(0.2)


# %% Data and task: the demo's invented headlines, labelled by two invented people. `wb.data.import_table` takes yours.
project = wb.demo.create()
print(wb.data.split_facts(project).counts)

# %% Two prompts: label names only, and names with descriptions. Try the second on three items.
described, names_only = wb.prompts.versions(project)
for trial in wb.prompts.try_on(described, "embedded", "minilm-l6", wb.prompts.trial_items(project, n=3)):
    print(trial.reference, "->", trial.answered.parsed.said if trial.answered else trial.failure)

# %% Let the model label validation and test with both prompts.
for split in (Split.VALIDATION, Split.TEST):
    wb.runs.start(RunRequest(project, (names_only.id, described.id), (ModelRef("embedded", "minilm-l6"),), split))
wait_for_runs(project)

# %% Review a few items on which the model and the reference differ.
reference, candidates = wb.agreement.defaults(project, Split.VALIDATION)
assert reference is not None
disagreements = QueueFilter(split=Split.VALIDATION, shown=(reference, candidates[0]), only_disagreements=True)
queue = wb.review.queue(project, disagreements, uncertain_first=True)
for row in wb.review.load(project, queue[:3], [reference, candidates[0]], None):
    print(row.item.text[:60], "|", " / ".join(f"{who.name}: {said.said}" for who, said in row.opinions if said))
right = next(said.said for _, said in row.opinions if said)
wb.review.store(project, "notebook", "me", [Decision(seq=1, item_id=row.item.id, label=right)])

# %% Agreement, with intervals.
view = wb.agreement.view(project, reference, candidates, Split.VALIDATION)
print(view.sentence())

# %% Teach: check first, then fine-tune on what one person labelled in the train split.
request = TuneRequest(project, reference, described.id)
for check in wb.fine_tunes.preflight(request).checks:
    print(check.level, check.title, check.finding)
job = wb.fine_tunes.start(request, host="embedded", base_model="minilm-l6")
while wb.fine_tunes.get(job.id).status.is_live:
    time.sleep(0.2)
tuned = wb.fine_tunes.get(job.id)
assert tuned.fine_tuned_model is not None, tuned.message

# %% Measure again, on the same held-out items.
wb.runs.start(RunRequest(project, (described.id,), (ModelRef("embedded", tuned.fine_tuned_model),), Split.TEST))
wait_for_runs(project)
_, base_annotator, tuned_annotator = wb.compare.defaults(project)
assert base_annotator is not None and tuned_annotator is not None
comparison = wb.compare.view(project, reference, base_annotator, tuned_annotator, Split.TEST)
print(comparison.conclusion())
print("fixed", comparison.figures.fixed, "broken", comparison.figures.broken, "looks at test", comparison.looks)

# %% The same with spans: parts of a text, each with a label. Here people and places in invented notes, one cell a note
# that lists what was marked: `[{"start": 0, "end": 3, "label": "person"}, ...]`.
people = ("Ada", "Bob", "Cleo", "Dev", "Eva", "Farid", "Grace", "Hana", "Ivo", "Jun")
places = ("Oslo", "Lima", "Cairo", "Hanoi", "Quito", "Turin", "Accra", "Perth")
notes = ("{0} met {1} in {2} and went on to {3}.", "In {2} {0} waited.", "From {2} to {3} {1} read what {0} wrote.")


def note(number: int) -> tuple[str, str]:
    names = people[number % 10], people[(number * 7 + 3) % 10], places[number % 8], places[(number * 5 + 2) % 8]
    text = notes[number % 3].format(*names)
    marked = [(name, "person" if name in people else "place") for name in dict.fromkeys(names) if name in text]
    spans = [{"start": text.index(name), "end": text.index(name) + len(name), "label": kind} for name, kind in marked]
    return f"{text} ({number})", json.dumps(spans)


rows = [note(number) for number in range(240)]
choice = ImportChoice("Notes", ("text",), ("ana",), kind=QuestionKind.SPANS)
second = wb.data.import_table(TableData(("text", "ana"), rows), choice)
wb.data.split(second)
system, user = wb.prompts.proposal(second)
tags = wb.prompts.save(second, system, user, "tags in the text")
quotes = wb.prompts.save(second, system.replace("answer_with_tags", "answer_with_quotes"), user, "quotes")
ana, _ = wb.agreement.defaults(second, None)
assert ana is not None
job = wb.fine_tunes.start(TuneRequest(second, ana, tags.id), host="embedded", base_model="minilm-l6")
while wb.fine_tunes.get(job.id).status.is_live:
    time.sleep(0.2)
taught = wb.fine_tunes.get(job.id)
assert taught.fine_tuned_model is not None, taught.message
models = (ModelRef("embedded", "minilm-l6"), ModelRef("embedded", taught.fine_tuned_model))
wb.runs.start(RunRequest(second, (tags.id, quotes.id), models, Split.TEST))
wait_for_runs(second)
marking = wb.agreement.view(second, ana, wb.agreement.defaults(second, Split.TEST)[1], Split.TEST)
for candidate in marking.candidates:
    print(candidate.annotator.name, {key: figure.value for key, figure in candidate.figures.items()})

# %% Take it with you.
with open(f"{folder}/annotations.csv", "wb") as out:
    print(wb.export.write(project, out, shape="wide", file_format="csv"), "rows in", out.name)

wb.close()
