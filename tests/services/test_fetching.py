"""Files are fetched from addresses once somebody agrees to the hosts, and never otherwise."""

import asyncio
import threading

import pytest

from core.errors import WorkbenchError
from core.fetching.reach import is_public
from core.importers import guess_columns
from core.model import TEXT_FIELD, FetchStatus, FieldLayout, FieldShow, TableData
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.runs.running import ModelRef, RunRequest
from core.worker import Worker
from tests.fakes.files import FileHost
from tests.fakes.media import picture, sound

RED, BLUE = picture(color="red"), picture(color="blue")


@pytest.fixture
def files():
    with FileHost({"/red.png": RED, "/blue.png": BLUE}) as host:
        yield host


@pytest.fixture
def small_waits(monkeypatch):
    from core.services.media import fetch_executor

    quick = fetch_executor.Limits(first_wait=0.001, longest_wait=0.01, idle=5.0)
    monkeypatch.setattr(fetch_executor, "LIMITS", quick)


@pytest.fixture
def project_of(workbench):
    def made(addresses, *, text="item"):
        rows = [(f"{text} {n}", address, "a") for n, address in enumerate(addresses)]
        table = TableData(("text", "photo", "label"), rows, "made for a test")
        return workbench.data.import_table(table, ImportChoice("Photos", ("text",), ("label",)))

    return made


@pytest.fixture
def work(workbench, files, small_waits):
    def until_done():
        worker = Worker(workbench.db, workbench.hosts, workbench.settings, files.reach)
        asyncio.run(worker.serve(until_idle=True))

    return until_done


def photos(workbench, project_id):
    return [item.fields.get("photo file") for item in workbench.data.page(project_id, ItemFilter())]


def test_files_come_once_their_hosts_are_agreed_to_and_stand_first_in_the_layout(workbench, files, project_of, work):
    addresses = [files.at("/red.png"), files.at("/blue.png"), files.at("/red.png"), ""]
    project_id = project_of(addresses)
    (source,) = workbench.media.sources(project_id)
    assert (source.name, source.waiting.addresses) == ("photo", {files.name: 2})
    assert source.waiting.in_words() == f"2 addresses on 1 host: {files.name} (2)"
    work()
    assert files.asked == []  # nobody has agreed to anything yet
    hashes = [item.fields for item in workbench.data.page(project_id, ItemFilter())]
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    assert sorted(files.asked) == ["/blue.png", "/red.png"]
    (source,) = workbench.media.sources(project_id)
    done = source.newest
    assert (done.status, done.total, done.fetched, done.refused) == (FetchStatus.DONE, 2, 2, 0)
    assert done.n_bytes == len(RED) + len(BLUE)
    red, blue, again, none = photos(workbench, project_id)
    assert (red, none) == (again, "")
    assert [workbench.media.read(one) for one in (red, blue)] == [RED, BLUE]
    assert [item.fields["photo"] for item in workbench.data.page(project_id, ItemFilter())] == addresses
    assert hashes == [{"photo": address} for address in addresses]
    layout = workbench.projects.get(project_id).layout
    assert layout[0] == FieldLayout("photo file", FieldShow.PICTURE)
    assert [one.name for one in layout if one.folded] == ["photo"]
    assert (source.standing.addresses, source.standing.there, source.waiting.total) == (3, 3, 0)


def test_what_an_item_is_does_not_change_with_its_file(workbench, files, project_of, work):
    project_id = project_of([files.at("/red.png"), files.at("/blue.png")])
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    rows = [("item 0", files.at("/red.png"), "a"), ("item 9", files.at("/red.png"), "b")]
    table = TableData(("text", "photo", "label"), rows, "made for a test")
    found = workbench.data.preview(project_id, table, ImportChoice("", ("text",), ("label",)))
    assert (found.new, found.missing) == (1, ())


def test_files_that_cannot_be_had_are_told_by_item_and_the_others_come(workbench, files, project_of, work):
    files.files |= {
        "/page.png": b"<!DOCTYPE html><title>Sign in</title>",
        "/cut.png": RED[:40],
        "/busy.png": [(503, {"Retry-After": "0"}, b""), BLUE],
        "/large.png": (200, {"Content-Length": str(101 * 2**20)}, b""),
        "/empty.png": b"",
        "/away.png": (302, {"Location": "https://elsewhere.example/a.png"}, b""),
        "/inside.png": (302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""),
        "/near.png": (301, {"Location": "/red.png"}, b""),
        "/round.png": (301, {"Location": "/round.png"}, b""),
        "/hear.wav": sound(),
    }
    paths = ["page", "cut", "gone", "busy", "large", "empty", "away", "inside", "near", "round"]
    addresses = [files.at(f"/{one}.png") for one in paths] + ["https://a:b@h.example/x.png", files.at("/hear.wav")]
    project_id = project_of(addresses)
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    told = {one.row: one.message for one in workbench.media.refused(project_id, "photo")}
    assert told == {
        1: "The address leads to a web page, not to a picture, sound or film.",
        2: "The picture is broken or cut off.",
        3: f"{files.name} answered 404 (not found).",
        5: "The file has 101 MB; the limit is 100 MB.",
        6: "The file is empty.",
        7: f"{files.name} sends on to elsewhere.example, which is not among the hosts that may be asked.",
        8: f"{files.name} sends on to 169.254.169.254, which is not among the hosts that may be asked.",
        10: f"{files.name} sends on more than 5 times.",
        11: "The address has a user name or password in it, which is not sent.",
    }
    found = photos(workbench, project_id)
    assert [bool(one) for one in found] == [n in (4, 9, 12) for n in range(1, 13)]
    (source,) = workbench.media.sources(project_id)
    assert source.standing.leads_to == {"169.254.169.254": 1, "elsewhere.example": 1}
    assert (source.newest.fetched, source.newest.refused) == (3, 9)


def test_a_private_address_is_refused_though_somebody_agrees_to_it(workbench, files, project_of, work):
    inside = ["127.0.0.1:1", "localhost:1", "10.0.0.1", "[::1]:1", "169.254.169.254", "2130706433", "[::ffff:10.1.1.1]"]
    project_id = project_of([f"http://{one}/a.png" for one in inside])
    (source,) = workbench.media.sources(project_id)
    workbench.media.fetch(project_id, "photo", list(source.waiting.addresses))
    work()
    told = workbench.media.refused(project_id, "photo")
    assert [one.row for one in told] == [1, 2, 3, 4, 5, 6, 7]
    assert {one.message.partition(" is ")[2] for one in told} == {
        "on this machine or a private network, where nothing is fetched from."
    }


def test_a_host_that_nobody_agreed_to_is_not_asked(workbench, files, project_of, work):
    project_id = project_of([files.at("/red.png"), "https://other.example/a.png"])
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    assert files.asked == ["/red.png"]
    (source,) = workbench.media.sources(project_id)
    assert source.waiting.addresses == {"other.example": 1}
    assert "Cookie" not in files.headers[0] and files.headers[0]["User-Agent"] == "LabelLoop"


def worker_of(workbench, files):
    return Worker(workbench.db, workbench.hosts, workbench.settings, files.reach)


def test_a_fetch_can_be_cancelled_while_a_host_does_not_answer_and_resumed(
    workbench, files, project_of, work, monkeypatch
):
    monkeypatch.setattr("core.services.common.heartbeat._BEAT_SECONDS", 0.02)
    files.files["/slow.png"] = picture(color="green")
    project_id = project_of([files.at("/red.png")])
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    rows = [(f"item {n}", files.at(path), "a") for n, path in enumerate(("/slow.png", "/blue.png"), start=1)]
    added = TableData(("text", "photo", "label"), rows, "made for a test")
    workbench.data.add_table(project_id, added, ImportChoice("", ("text",), ("label",)))
    files.hold()
    workbench.media.fetch(project_id, "photo", [files.name])
    working = threading.Thread(target=lambda: asyncio.run(worker_of(workbench, files).serve(until_idle=True)))
    working.start()
    files.wait_until_asked(3)
    with pytest.raises(WorkbenchError, match="are being fetched"):
        workbench.media.fetch(project_id, "photo", [files.name])
    assert workbench.media.cancel_fetch(project_id) == 1
    working.join(30)
    (source,) = workbench.media.sources(project_id)
    assert (source.newest.status, source.newest.fetched) == (FetchStatus.CANCELLED, 0)
    assert [bool(one) for one in photos(workbench, project_id)] == [True, False, False]
    files.release()
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    assert all(photos(workbench, project_id)) and files.asked.count("/red.png") == 1


def test_a_fetch_goes_on_where_a_program_that_ended_left_it(workbench, files, project_of, work):
    project_id = project_of([files.at("/red.png"), files.at("/blue.png")])
    files.hold()
    workbench.media.fetch(project_id, "photo", [files.name])
    first = worker_of(workbench, files)
    first.ensure_started()
    files.wait_until_asked(1)
    first.stop()
    (source,) = workbench.media.sources(project_id)
    assert source.newest.status is FetchStatus.RUNNING
    files.release()
    work()
    (source,) = workbench.media.sources(project_id)
    assert (source.newest.status, source.newest.total, source.newest.fetched) == (FetchStatus.DONE, 2, 2)


def test_the_text_itself_can_be_an_address(workbench, files, work):
    rows = [(files.at("/red.png"), "a"), (files.at("/blue.png"), "b")]
    project_id = workbench.data.import_table(
        TableData(("image", "label"), rows, ""), ImportChoice("P", ("image",), ("label",))
    )
    (source,) = workbench.media.sources(project_id)
    assert source.name == TEXT_FIELD
    workbench.media.fetch(project_id, TEXT_FIELD, [files.name])
    work()
    assert [
        workbench.media.read(item.fields["image file"]) for item in workbench.data.page(project_id, ItemFilter())
    ] == [
        RED,
        BLUE,
    ]


def test_a_first_prompt_names_the_file_and_not_its_address(workbench, files, work):
    rows = [(files.at("/red.png"), "a"), (files.at("/blue.png"), "b")]
    table = TableData(("image", "label"), rows, "")
    project_id = workbench.data.import_table(table, ImportChoice("P", ("image",), ("label",)))
    workbench.media.fetch(project_id, TEXT_FIELD, [files.name])
    work()
    _, user = workbench.prompts.proposal(project_id)
    assert user == "{{image file}}"
    assert workbench.prompts.check(project_id, "Choose: {{labels}}", user) == []


def test_what_is_exported_has_the_address_and_the_file(workbench, files, project_of, work):
    project_id = project_of([files.at("/red.png")])
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    (row,) = workbench.export.preview(project_id, shape="wide")
    assert row["photo"] == files.at("/red.png") and row["photo file"] == photos(workbench, project_id)[0]


def test_the_sentences_of_a_column_are_its_text_and_not_its_addresses():
    rows = [(f"https://a.example/pictures/of/many/things/{n}.png", f"a {n} b", "cat") for n in range(9)]
    assert guess_columns(TableData(("url", "about", "label"), rows, "")).text == ("about",)
    without = [(row[0], str(n), row[2]) for n, row in enumerate(rows)]
    assert guess_columns(TableData(("url", "width", "label"), without, "")).text == ("url",)


def test_a_project_that_is_removed_is_fetched_for_no_more(workbench, files, project_of, work):
    project_id = project_of([files.at("/red.png")])
    workbench.media.fetch(project_id, "photo", [files.name])
    workbench.projects.remove(project_id)
    work()
    assert files.asked == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("fec0::1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2606:4700::1111", True),
        ("168.63.129.16", False),
        ("nonsense", False),
    ],
)
def test_only_numbers_of_the_public_internet_are_asked(number, expected):
    assert is_public(number) is expected


def test_a_run_says_how_many_items_are_asked_without_their_file(workbench, files, project_of, work):
    project_id = project_of([files.at("/red.png"), files.at("/gone.png"), ""])
    workbench.data.split(project_id)
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    version = workbench.prompts.save(project_id, "Choose one of:\n{{labels}}", "{{text}}\n{{photo file}}")
    request = RunRequest(project_id, (version.id,), (ModelRef("openai", "gpt-4o"),), split=None)
    said = " ".join(workbench.runs.estimate(request).notes)
    assert "The file that the prompt shows is not there in 2 items, which will be asked without it." in said


def test_addresses_are_asked_for_to_the_letter_and_those_with_blanks_escaped(workbench, files, project_of, work):
    files.files["/a%20b%C3%A9.png"] = RED
    signed = "/red.png?sig=a%2Fb%2Bc%3D&x=%7e+1"
    project_id = project_of([files.at(signed), files.at("/a bé.png")])
    workbench.media.fetch(project_id, "photo", [files.name])
    work()
    assert sorted(files.asked) == ["/a%20b%C3%A9.png", signed] and all(photos(workbench, project_id))
