"""Pictures, sounds and conversations in real Chromium: from a zip to their labels, by keyboard."""

import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_sample_images

from core.model import QuestionKind, TableData
from core.services.data.bringing import ImportChoice
from core.settings import Settings
from core.workbench import open_workbench
from tests.e2e.conftest import Server
from tests.e2e.test_journeys import no_trouble
from tests.fakes.media import picture, sound, zipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TALK = [{"role": "user", "content": "Is it open?"}, {"role": "assistant", "content": "<b>Until</b> six."}]


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """Real photographs in folders, beside a table that names them, with a conversation about each, and a sound."""
    from PIL import Image

    files = {}
    for name, photograph in zip(("temple", "flower"), load_sample_images().images, strict=True):
        written = io.BytesIO()
        Image.fromarray(photograph).save(written, "JPEG", quality=80)
        files[f"{name}.jpg"] = written.getvalue()
    files |= {"red.png": picture(color="red", size=(40, 30)), "hum.wav": sound()}
    rows = [
        {"photo": f"{name}", "talk": json.dumps(TALK), "sound": "hum.wav", "label": label}
        for name, label in (("temple.jpg", "building"), ("flower.jpg", "plant"), ("red.png", "plant"))
    ]
    files["items.json"] = json.dumps(rows).encode()
    path = tmp_path / "photos.zip"
    path.write_bytes(zipped(files))
    return path


def test_a_zip_of_photographs_is_imported_and_labelled_by_keyboard(upload: Path, app: Server, page: Page) -> None:
    page.goto(f"{app.url}/data?new=1")
    page.locator("input[type=file]").first.set_input_files(str(upload))
    expect(page.get_by_text("3 rows read as items.json")).to_be_visible()
    page.get_by_role("button", name="Import 3 items").click()
    expect(page.get_by_role("table", name="Items")).to_be_visible()
    project = page.url.split("project=")[1].split("&")[0]
    page.goto(f"{app.url}/review?project={project}&queue=all&split=all")
    shown = page.locator(".reading .picture img")
    expect(shown).to_be_visible()
    expect(page.locator(".turn[data-role=assistant] .said-so").first).to_have_text("<b>Until</b> six.")
    expect(page.locator(".sound audio")).to_have_count(1)

    page.keyboard.press(">")
    expect(page.locator(".picture[data-zoomed]")).to_have_count(1)
    page.keyboard.press("<")
    expect(page.locator(".picture[data-zoomed]")).to_have_count(0)
    first = shown.get_attribute("src")
    page.keyboard.press("1")
    expect(shown).not_to_have_attribute("src", first or "")
    page.keyboard.press("1")
    page.keyboard.press("2")
    expect(page.get_by_role("heading", name="End of the queue")).to_be_visible()
    expect(page.get_by_text("review 3")).to_be_visible()
    no_trouble(page)
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(upload.parent / "data")}))
    [me] = [one for one in wb.projects.annotators(int(project)) if one.kind == "person"]
    assert wb.projects.annotated_counts(int(project))[me.id] == 3
    wb.close()


def test_pictures_zoom_together_and_stay_as_they_are_looked_at_when_the_question_changes(
    tmp_path: Path, app: Server, page: Page
) -> None:
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    red, blue = (wb.media.put(picture(color=one, size=(400, 300))) for one in ("red", "blue"))
    rows = [("Which is warmer?", red, blue, "First is better")]
    choice = ImportChoice("P", ("text",), ("better",), kind=QuestionKind.PREFERENCE, candidates=("one", "two"))
    project = wb.data.import_table(TableData(("text", "one", "two", "better"), rows), choice)
    wb.projects.ask_further(project, "Quality", QuestionKind.RATING)
    wb.close()
    page.goto(f"{app.url}/review?project={project}&queue=all&split=all")
    frames = page.locator(".reading .picture img")
    expect(frames).to_have_count(2)
    page.keyboard.press(">")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator(".picture[data-zoomed]")).to_have_count(2)
    shown = frames.evaluate_all("all => all.map((one) => [one.src, one.style.transform]).sort()")
    assert len({transform for _, transform in shown}) == 1
    page.keyboard.press("Tab")
    expect(page.locator(".question[aria-current]")).to_contain_text("Quality")
    assert frames.evaluate_all("all => all.map((one) => [one.src, one.style.transform]).sort()") == shown
    no_trouble(page)


def test_a_picture_inside_a_message_is_seen_in_its_message_and_looked_at_closely(
    tmp_path: Path, app: Server, page: Page
) -> None:
    wb = open_workbench(Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "data")}))
    shown, heard = wb.media.put(picture(color="red", size=(400, 300))), wb.media.put(sound())
    said = [
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, _part("image_url", "url", shown)]},
        {"role": "assistant", "content": "A <b>red</b> square."},
        {"role": "user", "content": [_part("input_audio", "data", heard), {"type": "text", "text": "And this?"}]},
    ]
    table = TableData(("chat", "label"), [(json.dumps(said), "right"), (json.dumps(said[:2]), "wrong")])
    project = wb.data.import_table(table, ImportChoice("Talks", ("chat",), ("label",)))
    wb.close()
    page.goto(f"{app.url}/review?project={project}&queue=all&split=all")
    first = page.locator(".turn").first
    expect(first.locator(".said-so")).to_have_text("What is this?")
    expect(first.locator(".picture img")).to_be_visible()
    expect(first.locator(".picture img")).to_have_js_property("naturalWidth", 400)
    expect(page.locator(".review .hint[data-act=zoom]")).to_be_visible()
    page.keyboard.press(">")
    expect(page.locator(".turn .picture[data-zoomed]")).to_have_count(1)
    page.keyboard.press("1")
    expect(page.locator(".turn .picture img")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="End of the queue")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.goto(f"{app.url}/data?project={project}")
    expect(page.get_by_role("table", name="Items")).to_be_visible()
    no_trouble(page)


def _part(kind: str, place: str, reference: object) -> dict[str, object]:
    return {"type": kind, kind: {place: str(reference)}}
