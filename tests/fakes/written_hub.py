"""A small Hugging Face hub on loopback that data sets are pushed to: it knows tokens, owners and who may write, and
keeps what is committed. `says` makes it answer otherwise, `cuts` break off at a kind of request."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SHA = "b" * 40


@dataclass
class WrittenHub:
    """`private` and `files` of each repository by name; `asked` are the requests in order, `tokens` what they had."""

    token: str = "hf_right"
    may_write: bool = True
    says: int | None = None
    cuts: str = ""
    url: str = ""
    private: dict[str, bool] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def answer(self, method: str, path: str, token: str, body: bytes) -> tuple[int, object]:
        self.asked.append(f"{method} {path}")
        self.tokens.add(token)
        if self.says:
            return self.says, {"error": f"what is {token}?"}
        if token != self.token:
            return 401, {"error": f"invalid token {token}"}
        if path == "/api/validate-yaml":
            return 200, {"errors": [], "warnings": []}
        if path == "/api/repos/create":
            return self._create(json.loads(body))
        name, _, what = path.removeprefix("/api/datasets/").partition("/")
        owner_and_name, what = f"{name}/{what.partition('/')[0]}", what.partition("/")[2]
        if owner_and_name not in self.files:
            return 404, {"error": "no such repository"}
        if what.startswith("preupload"):
            told = [{"path": one["path"], "uploadMode": "regular"} for one in json.loads(body)["files"]]
            return 200, {"files": [{**one, "shouldIgnore": False, "oid": None} for one in told]}
        if what.startswith("commit"):
            return self._commit(owner_and_name, body)
        siblings = [{"rfilename": one} for one in self.files[owner_and_name]]
        told = {"_id": "1", "id": owner_and_name, "sha": SHA, "private": self.private[owner_and_name], "tags": []}
        return 200, {**told, "disabled": False, "gated": False, "siblings": siblings}

    def _create(self, asked: dict) -> tuple[int, object]:
        name = f"{asked['organization']}/{asked['name']}"
        if not self.may_write:
            return 403, {"error": "you may not create it"}
        if name in self.files:
            return 409, {"error": "it is there", "url": f"{self.url}/datasets/{name}"}
        self.files[name] = {}
        self.private[name] = asked.get("private", False) or asked.get("visibility") == "private"
        return 200, {"url": f"{self.url}/datasets/{name}", "id": name}

    def _commit(self, name: str, body: bytes) -> tuple[int, object]:
        for line in body.decode().splitlines():
            entry = json.loads(line)
            if entry["key"] == "file":
                self.files[name][entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
        return 200, {"commitUrl": f"{self.url}/datasets/{name}/commit/{SHA}", "commitOid": SHA, "hookOutput": ""}


@contextmanager
def written_hub() -> Iterator[WrittenHub]:
    hub = WrittenHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            if hub.cuts and hub.cuts in path:
                hub.asked.append(f"{self.command} {path}")
                self.close_connection = True
                self.connection.close()
                return
            status, said = hub.answer(self.command, path, token, body)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield hub
    server.shutdown()
    server.server_close()
