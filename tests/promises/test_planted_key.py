"""Promise 7: a key is never stored, logged, exported or shown. One is planted, used in every way there is, told back by
a host that repeats it wherever it can, and then looked for in everything the product wrote."""

import io
import json
import logging
import tomllib
import zipfile
from base64 import b64encode
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import WorkbenchError
from core.model import FineTuneStatus, RunStatus, Split
from core.services.asking.requests import Mode
from core.services.hosts.drafts import HostDraft
from core.services.learning.fine_tuning import TuneRequest
from core.tasks import TASKS
from core.worker import Worker
from pages._ui.shell.handle import let_go
from tests.fakes.host import Step, cut, fails, garbage, reset, says
from tests.fakes.kinds import project_of, right_answer
from tests.fakes.spelling import WAYS
from tests.fakes.waiting import finished, work_off
from tests.fakes.worlds import MODEL, make_project

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HEART = "9c51d2e84b06"
"""No spelling of the key is without this part of it, nor is a key that was cut short in the middle."""
KEY = f"sk-planted/7f3a+{HEART}"
BASE64 = b64encode(KEY.encode()).decode()
NO_LETTERS = bytes(sign for sign in range(256) if sign > 127 or not chr(sign).isalnum())
HEADERS = {"www-authenticate": f'Bearer realm="{KEY}"', "x-request-id": KEY, "retry-after": "0"}


def coded_by_hosts():
    """A header as hosts may repeat it, each way with the name of it: base64 wherever the key begins in it, and all
    other ways."""
    for said in (f"Bearer {KEY}", f"bearer  {KEY}", f"Authorization: Bearer {KEY}"):
        coded = b64encode(said.encode()).decode()
        yield from ((f"base64 of {said[:7]}", coded), (f"that of {said[:7]} in an address", quote(coded, safe="")))
    yield from ((name, spell(KEY)) for name, spell in WAYS.items())


def plain(data):
    """Letters and digits alone, all small: what breaks a spelling up, or escapes it once more, hides nothing."""
    return data.lower().translate(None, NO_LETTERS)


@cache
def hearts():
    """The part of each spelling that holds the heart, by the name of the way; that of the key itself first."""
    whole = {name: plain(coded.encode()) for name, coded in coded_by_hosts()}
    parts = {
        name: coded[: len(coded) // 3] if name == "backwards" else coded[-len(coded) // 3 :]
        for name, coded in whole.items()
    }
    return {"as it is": HEART.encode(), **{name: part for name, part in parts.items() if len(part) >= 8}}


def holding(things):
    """Those of the named texts and bytes in which the key can be found."""
    found = []
    for name, content in things:
        data = plain(content.encode("utf-8", "replace") if isinstance(content, str) else content)
        found += [f"{name}: {way}" for way, heart in hearts().items() if heart in data]
    return found


def in_parts(number):
    """All spellings in that many texts."""
    coded = [coded for _, coded in coded_by_hosts()]
    return [" | ".join(coded[i::number]) for i in range(number)]


def written_to(folder):
    return [(str(path), path.read_bytes()) for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("core.services.learning.training._POLL_SECONDS", 0.005)
    monkeypatch.setattr("core.services.batching.batch_executor._POLL_LOCAL_SECONDS", 0.005)


@pytest.fixture(params=["environment", "secrets", "typed"])
def planted(request, workbench, small_project, monkeypatch):
    """A small project whose host has the key, from each place a key can come from."""
    if request.param == "environment":
        monkeypatch.setitem(workbench.settings.environment, "OPENAI_API_KEY", KEY)
    elif request.param == "secrets":
        monkeypatch.setitem(workbench.settings.secrets, "OPENAI_API_KEY", KEY)
    else:
        workbench.hosts.type_key("openai", KEY)
    assert workbench.hosts.key_source("openai") == request.param
    return small_project


def labelling(wb, project, host):
    """Trials and runs on a host that repeats the key: refusals, answers, garbage, headers, and in the end a 401."""
    texts = list(project.items().values())
    by_number = "".join(f"\\u{ord(sign):04x}" for sign in KEY)
    host.for_item(texts[0], fails(400, f"who is {KEY}?", param=KEY, headers=HEADERS))
    host.for_item(texts[1], says(f"Bearer {KEY}"))
    host.for_item(texts[2], garbage(f"<h1>{KEY}</h1>".encode()), reset(), cut())
    host.for_item(texts[3], says(f"{BASE64} {quote(KEY, safe='')}"))
    host.for_item(texts[4], Step("fail", 400, f'{{"error": {{"message": "{by_number}"}}}}'.encode()))
    host.for_item(texts[5], says("", refusal=f"not with {KEY}"))
    for text, coded in zip(texts[6:], in_parts(12), strict=False):
        host.for_item(text, says(f"who sent {coded} here?", reasoning_content=coded))
    for text, coded in zip(texts[18:], in_parts(12), strict=False):
        message = json.dumps({"error": {"message": f"who sent {coded} here?"}})
        host.for_item(text, fails(400, message))
    wb.prompts.try_on(wb.prompts.get(project.version_id), "openai", MODEL, wb.prompts.trial_items(project.id, n=2))
    run = finished(wb, project.start())
    assert run.status is RunStatus.DONE
    host.always(fails(401, f"Incorrect API key provided: {KEY}.", headers=HEADERS))
    refused = finished(wb, make_project(wb, 30, "Other").start())
    assert refused.status is RunStatus.FAILED
    host.always(None)
    view = wb.compare.view(project.id, project.gold, project.hasty, run.annotator_id, Split.VALIDATION)
    return [
        ("report", wb.export.report(project.id, view)),
        *(("run", repr(one)) for one in (refused, wb.runs.details(run.id), *wb.runs.troubles(run.id))),
        *(("failed run", repr(one)) for one in wb.runs.troubles(refused.id)),
    ]


def training(wb, project, host):
    """One fine-tune whose events hold the key, and one the host refuses with it."""
    event = {"object": "fine_tuning.job.event", "created_at": 1, "level": "info"}
    host.events = [{**event, "id": f"e{n}", "message": said} for n, said in enumerate((KEY, *in_parts(6)))]
    host.tuned_name = f"ft:{KEY}:{BASE64}:{KEY.upper()}:{WAYS['hex with colons'](KEY)}"
    request = TuneRequest(project.id, project.gold, project.version_id)
    first = wb.fine_tunes.start(request, host="openai", base_model=MODEL)
    work_off(wb)
    assert wb.fine_tunes.get(first.id).status is FineTuneStatus.SUCCEEDED
    host.on("POST /fine_tuning/jobs", fails(400, f"{'x' * 470} {KEY}", headers=HEADERS))
    second = wb.fine_tunes.start(request, host="openai", base_model=MODEL)
    work_off(wb)
    assert wb.fine_tunes.get(second.id).status is FineTuneStatus.FAILED
    told = [("fine-tune", repr([wb.fine_tunes.get(job.id), wb.fine_tunes.events(job.id)])) for job in (first, second)]
    for job in (first, second):
        told.append(("model card", wb.portable.card(job.id, with_test=True)))
        with zipfile.ZipFile(wb.portable.export(job.id)) as archive:
            told += [(f"zip of a fine-tune: {name}", archive.read(name)) for name in archive.namelist()]
    return [*told, ("uploads", repr(host.files))]


def asked_for_models(wb, host):
    """The list of models and the test of a host, well and refused; each trouble with its whole traceback."""
    host.models = ["fake-large", f"fake-{KEY}", BASE64, *in_parts(9)]
    told = [("findings", repr(wb.hosts.test("openai")))]
    host.next(fails(401, KEY, headers=HEADERS))
    told.append(("findings", repr(wb.hosts.test("openai"))))
    for status in (401, 404, 418):
        host.on("GET /models", fails(status, f"no {KEY}", headers=HEADERS))
        with pytest.raises(WorkbenchError) as caught:
            wb.hosts.test("openai")
        logging.getLogger("a page").error("trouble", exc_info=caught.value)
        told.append(("trouble", f"{caught.value} {caught.value!r}"))
    return told


def brought_back(line, said):
    """The answer to a line of a file of requests, as another program hands it to the user."""
    body = {"choices": [{"message": {"content": said}, "finish_reason": "stop"}]}
    response = {"status_code": 200, "body": body}
    return json.dumps({"custom_id": json.loads(line)["custom_id"], "response": response}).encode() + b"\n"


def batching(wb, host):
    """A batch some of whose answers and errors hold the key, and one the host refuses with it."""
    project = make_project(wb, 24, "Batched")
    texts = list(project.items().values())
    said = dict(zip(texts, (f"Bearer {KEY}", "", *in_parts(6)), strict=False))
    host.answer = lambda text: said.get(text, "SPORTS")
    host.batches.refuse(lambda body: body["messages"][-1]["content"] == texts[1], 400, f"not with {KEY}")
    run = finished(wb, project.start(mode=Mode.BATCH, use_cache=False))
    assert (run.done, run.errors) == (23, 1)
    host.batches.refuses_file = {"code": "invalid", "message": f"the key {KEY} ({WAYS['JSON in JSON'](KEY)}) may not"}
    refused = finished(wb, make_project(wb, 26, "Refused").start(mode=Mode.BATCH, use_cache=False))
    assert refused.done == 0
    file = wb.batches.export(refused.id)
    answers = zip(file.path.read_bytes().splitlines(), in_parts(6), strict=False)
    report = wb.batches.import_results(refused.id, [brought_back(line, said) for line, said in answers])
    assert report.answered == 6
    told = [("batch", repr([one, wb.runs.details(one.id), wb.batches.of(one.id)])) for one in (run, refused)]
    return told + [("batch", repr(trouble)) for trouble in wb.runs.troubles(run.id)]


def a_bug(wb, monkeypatch):
    """A run that meets a bug of ours while an answer is in hand: it is logged with its traceback."""

    def broken(*_, **__):
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as patch:
        patch.setattr("core.services.asking.reading.parse_answer", broken)
        finished(wb, make_project(wb, 28, "Broken").start(use_cache=False))


def test_7_the_key_is_in_no_file_no_log_no_export_and_no_repr(
    planted, workbench, fake_host, tmp_path, caplog, capfd, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    told = asked_for_models(workbench, fake_host) + labelling(workbench, planted, fake_host)
    told += training(workbench, planted, fake_host) + batching(workbench, fake_host)
    a_bug(workbench, monkeypatch)
    assert "a bug of ours" in caplog.text and "Traceback" in caplog.text
    sent = {asked.headers["Authorization"] for asked in fake_host.asked}
    assert sent == {f"Bearer {KEY}"}, "the key was never in play"
    out = io.BytesIO()
    workbench.export.write(planted.id, out, shape="long", file_format="csv", with_history=True)
    workbench.agreement.view(planted.id, planted.gold, [planted.hasty], Split.VALIDATION)
    told += [
        ("export", out.getvalue().decode()),
        ("workbench", repr(workbench)),
        ("hosts", repr(workbench.hosts.all())),
    ]
    told += [("connection", repr(workbench.hosts.connection("openai")))]
    workbench.worker.stop()
    told += [("log", caplog.text), ("screen", "".join(capfd.readouterr())), *written_to(tmp_path)]
    assert any(len(content) > 10_000 for _, content in told), "nothing was written that could hold it"
    assert holding(told) == []


@pytest.mark.parametrize("kind", TASKS)
def test_7_a_key_in_the_answers_to_any_kind_of_question_is_kept_nowhere(
    kind, workbench, fake_host, tmp_path, caplog, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setitem(workbench.settings.environment, "OPENAI_API_KEY", KEY)
    project = project_of(workbench, kind, n=20)
    right = right_answer(workbench, project)
    fake_host.always(says(right, reasoning_content=f"They sent {KEY}."))
    bare = [says(said) for said in (KEY, f"{right}\nBearer {KEY}", f"{right} {BASE64}", *in_parts(4))]
    inside = [says(json.dumps({name: KEY})) for name in ("label", "labels", "text", "ranking")]
    marked = [says(json.dumps({"spans": [{"quote": KEY, "label": KEY, "occurrence": 1}]})), says(f"<A>{KEY}</A>")]
    fake_host.next(*bare, *inside, *marked, says("", refusal=f"not with {KEY}"), fails(400, KEY, headers=HEADERS))
    run = finished(workbench, project.start(in_flight=1))
    assert run.status is RunStatus.DONE and run.done >= 5
    assert {asked.headers["Authorization"] for asked in fake_host.asked} == {f"Bearer {KEY}"}, "never in play"
    out = io.BytesIO()
    workbench.export.write(project.id, out, shape="long", file_format="jsonl", with_history=True)
    told = [("export", out.getvalue().decode()), *(("run", repr(one)) for one in workbench.runs.troubles(run.id))]
    assert holding([*told, ("log", caplog.text), *written_to(tmp_path)]) == []


def test_7_a_key_in_the_address_or_in_another_header_is_kept_as_well(workbench, fake_host, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    address = fake_host.base_url.replace("//", f"//ada:{HEART}@") + f"?token={HEART}"
    workbench.settings.environment["OPENAI_BASE_URL"] = address
    told = [("findings", repr(workbench.hosts.test("openai"))), ("host", repr(workbench.hosts.get("openai")))]
    project = make_project(workbench, 30)
    first, second = list(project.items().values())[:2]
    fake_host.for_item(first, fails(400, f"Cannot POST /v1/chat/completions?token={HEART}"))
    fake_host.for_item(second, fails(400, "who is " + b64encode(f"ada:{HEART}".encode()).decode()))
    run = finished(workbench, project.start())
    assert run.errors == 2
    told += [("trouble", repr(trouble)) for trouble in workbench.runs.troubles(run.id)]
    basic = "Basic " + b64encode(f"ada:{HEART}".encode()).decode()
    assert {asked.headers["Authorization"] for asked in fake_host.asked} == {basic}
    workbench.hosts.add("azure", HostDraft("Azure", fake_host.base_url, "AZURE_OPENAI_API_KEY"))
    workbench.hosts.type_key("azure", KEY)
    told.append(("findings", repr(workbench.hosts.test("azure"))))
    assert fake_host.asked[-1].headers["api-key"] == KEY
    told += [("connections", repr([workbench.hosts.connection(key) for key in ("openai", "azure")]))]
    assert holding([*told, ("log", caplog.text), *written_to(tmp_path)]) == []


MISTAKES = {
    "Name": f"my sk-planted-7f3a-{HEART}",
    "Address": f"https://gateway.invalid/sk-planted-7f3a-{HEART}/v1",
    "Key variable": f"gsk_7f3aplanted{HEART}",
    "Extra parameters": f'{{"api_key": "{KEY}"}}',
}
"""A key pasted into each field it is not meant for."""


@pytest.mark.parametrize("label", MISTAKES)
def test_7_a_key_pasted_into_another_field_is_refused_and_stored_nowhere(
    label, workbench, tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Worker, "ensure_started", lambda self: None)
    let_go()
    st.cache_resource.clear()
    before = workbench.hosts.all()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run().switch_page("pages/hosts.py")
    at.query_params["add_host"] = "custom"
    at.run()
    for field in (*at.text_input, *at.text_area):
        if field.key.startswith("new-custom") and field.label in ("Name", "Address", label):
            field.set_value(MISTAKES[label] if field.label == label else "http://gateway.invalid/v1")
    next(button for button in at.button if button.label == "Add").click().run()
    said = [error.value for error in at.error]
    assert len(said) == 1 and ("a key" in said[0] or "be a key" in said[0]), said
    assert workbench.hosts.all() == before
    assert holding([("sentence", said[0]), ("log", caplog.text), *written_to(tmp_path)]) == []
    let_go()
    st.cache_resource.clear()


def test_7_a_typed_key_is_in_neither_the_session_nor_the_link_nor_a_file(workbench, fake_host, tmp_path, monkeypatch):
    monkeypatch.setattr(Worker, "ensure_started", lambda self: None)
    let_go()
    st.cache_resource.clear()
    workbench.hosts.add("vllm", HostDraft("Mine", fake_host.base_url))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run().switch_page("pages/hosts.py")
    at.query_params["host"] = "vllm"
    at.run()
    next(field for field in at.text_input if field.label == "Key").set_value(KEY)
    next(button for button in at.button if button.label == "Use this key").click().run()
    at.button(key="test-vllm").click().run()
    assert fake_host.asked[-1].headers["Authorization"] == f"Bearer {KEY}", "the key was never in play"
    session = repr(at.session_state)
    assert "key-vllm" in session
    told = [("session", session), ("link", str(at.query_params))]
    assert holding([*told, *written_to(tmp_path)]) == []
    let_go()
    st.cache_resource.clear()


def test_7_no_page_shows_a_key_or_the_details_of_an_error(workbench, fake_host, small_project, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(Worker, "ensure_started", lambda self: None)
    fake_host.on("GET /models", *[fails(401, KEY, headers=HEADERS)] * 20)
    let_go()
    st.cache_resource.clear()
    st.cache_data.clear()
    shown = []
    for page in ("hosts", "prompts", "runs", "fine_tune"):
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.query_params["project"], at.query_params["host"] = str(small_project.id), "openai"
        at.run().switch_page(f"pages/{page}.py")
        for choice in ("try_host", "run_hosts", "tune_host"):
            at.query_params[choice] = "openai"
        at.query_params["host"] = "openai"
        at.run()
        assert not at.exception, page
        shown.append((page, "".join(str(element.proto) for element in at.main) + str(at.main)))
    assert "refused the key" in "".join(content for _, content in shown)
    assert holding([*shown, ("log", caplog.text)]) == []
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["client"]["showErrorDetails"] == "none", "a traceback on screen could hold one"
    let_go()
    st.cache_resource.clear()
    st.cache_data.clear()
