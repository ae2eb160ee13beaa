"""A cable between a browser and a server that can be cut, and stay cut: a small TCP proxy."""

import socket
import threading
from contextlib import suppress


class Cable:
    """Listens on a port of its own on loopback. To the server everything looks as if asked on the server's port."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._is_open = True
        self._pieces_left: int | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Break every connection there is; new ones go through."""
        with self._lock:
            ends, self._ends, self._pieces_left = self._ends, set(), None
        for end in ends:
            _end(end)

    def cut_after(self, pieces: int) -> None:
        """Break every connection there is once the server has sent so many more pieces."""
        self._pieces_left = pieces

    @property
    def is_about_to_be_cut(self) -> bool:
        return self._pieces_left is not None

    def unplug(self) -> None:
        """Break every connection there is, and every new one at once."""
        self._is_open = False
        self.cut()

    def plug_in(self) -> None:
        self._is_open = True

    def close(self) -> None:
        self._listener.close()
        self.unplug()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(browser,), daemon=True).start()

    def _connect(self, browser: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._to_port))
        except OSError:
            return _end(browser)
        with self._lock:
            # Asked under the lock, or a connection made just while the cable is unplugged would outlive that.
            is_through = self._is_open
            if is_through:
                self._ends |= {browser, server}
        if not is_through:
            _end(browser)
            return _end(server)
        names = f"127.0.0.1:{self.port}".encode(), f"127.0.0.1:{self._to_port}".encode()
        threading.Thread(target=self._carry, args=(browser, server, names), daemon=True).start()
        self._carry(server, browser, None)

    def _carry(self, here: socket.socket, there: socket.socket, names: tuple[bytes, bytes] | None) -> None:
        with suppress(OSError):
            while piece := here.recv(65536):
                is_head = names is not None and b" HTTP/1.1\r\n" in piece
                there.sendall(piece.replace(*names) if is_head and names else piece)
                if names is None and self._is_last_piece():
                    self.cut()
        _end(here)
        _end(there)
        with self._lock:
            self._ends -= {here, there}

    def _is_last_piece(self) -> bool:
        with self._lock:
            if self._pieces_left is None:
                return False
            self._pieces_left -= 1
            is_last = self._pieces_left <= 0
            self._pieces_left = None if is_last else self._pieces_left
            return is_last


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        end.close()
