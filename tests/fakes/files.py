"""A small server of files on loopback: a world at the wire.

with FileHost({"/a.png": picture(), "/gone.png": (404, {}, b"")}) as host: ...
"""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from core.services.media.vocabulary import Reach

Answer = bytes | tuple[int, Mapping[str, str], bytes]


class FileHost:
    """What it was asked is in `asked`. `hold()` lets requests wait until `release()`; a list of answers is given one by
    one, the last one for good."""

    def __init__(self, files: Mapping[str, Answer | list[Answer]]) -> None:
        self.files = dict(files)
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self._free = threading.Event()
        self._free.set()
        self._asked = threading.Condition()
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host._answer(self)

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def reach(self) -> Reach:
        """With which it may be asked although it is on this machine."""
        return Reach(frozenset({self.name}))

    def at(self, path: str) -> str:
        return f"http://{self.name}{path}"

    def hold(self) -> None:
        self._free.clear()

    def release(self) -> None:
        self._free.set()

    def wait_until_asked(self, times: int) -> None:
        """So often in all."""
        with self._asked:
            assert self._asked.wait_for(lambda: len(self.asked) >= times, 30)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._asked:
            self.headers.append(dict(handler.headers))
            self.asked.append(handler.path)
            self._asked.notify_all()
        self._free.wait(30)
        found = self.files.get(handler.path.partition("?")[0], (404, {}, b""))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        status, headers, body = (200, {}, found) if isinstance(found, bytes) else found
        try:
            handler.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # whoever asked has gone
        handler.close_connection = True
