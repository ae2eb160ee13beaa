"""A small Hugging Face hub on loopback: repositories of a few files, and a note of whatever was asked for."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

SHA = "a" * 40


class FakeHub:
    """`files` of each repository by path; `asked` are the paths of all requests in order."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self.url = ""

    def put(self, repository: str, **files: str) -> None:
        named = {name.replace("__", "."): text.encode() for name, text in files.items()}
        self.files[repository] = named

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes, str]:
        """Status, body and ETag."""
        self.asked.append(path)
        for repository, files in self.files.items():
            if path.startswith(f"/api/datasets/{repository}"):
                return self._api(path.removeprefix(f"/api/datasets/{repository}"), repository, files, query)
            place = f"/datasets/{repository}/resolve/"
            if path.startswith(place) and (name := path.removeprefix(place).partition("/")[2]) in files:
                return 200, files[name], sha1(files[name]).hexdigest()
        return 404, b'{"error": "not here"}', ""

    def _api(self, route: str, repository: str, files: dict[str, bytes], query: dict) -> tuple[int, bytes, str]:
        entries = [
            {"type": "file", "path": name, "size": len(data), "oid": sha1(data).hexdigest()}
            for name, data in files.items()
        ]
        folders = {str(one) for name in files for one in PurePosixPath(name).parents if str(one) != "."}
        entries += [{"type": "directory", "path": name, "size": 0, "oid": SHA} for name in sorted(folders)]
        if route.startswith("/tree/"):
            where = route.removeprefix("/tree/").partition("/")[2]
            found = [one for one in entries if not where or one["path"].startswith(f"{where}/")]
            if query.get("recursive", ["False"])[0].lower() != "true":
                found = [one for one in found if "/" not in one["path"].removeprefix(f"{where}/" if where else "")]
            return 200, json.dumps(found).encode(), ""
        if route.startswith("/paths-info/"):
            return 200, json.dumps([one for one in entries if one["path"] in query.get("paths", [])]).encode(), ""
        info = {"_id": "1", "id": repository, "sha": SHA, "private": False, "disabled": False, "tags": []}
        siblings = [{"rfilename": name} for name in files]
        return 200, json.dumps({**info, "siblings": siblings, "gated": False}).encode(), ""


@contextmanager
def fake_hub() -> Iterator[FakeHub]:
    hub = FakeHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, body: bytes = b"") -> None:
            parts = urlsplit(self.path)
            given = {**parse_qs(parts.query)}
            if body.startswith(b"{"):
                given |= {name: one if isinstance(one, list) else [one] for name, one in json.loads(body).items()}
            else:
                given |= parse_qs(body.decode())
            status, data, etag = hub.answer(unquote(parts.path), given)
            start, end = 0, len(data)
            if status == 200 and (asked := self.headers.get("Range")):
                first, _, last = asked.removeprefix("bytes=").partition("-")
                start, end, status = int(first), min(end, int(last or end) + 1), 206
            self.send_response(status)
            self.send_header("Content-Length", str(end - start))
            self.send_header("X-Repo-Commit", SHA)
            if etag:
                self.send_header("ETag", f'"{etag}"')
            if status == 404:
                self.send_header("X-Error-Code", "EntryNotFound" if "/resolve/" in self.path else "RepoNotFound")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[start:end])

        def do_GET(self) -> None:
            self._answer()

        do_HEAD = do_GET

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield hub
    server.shutdown()
    server.server_close()
