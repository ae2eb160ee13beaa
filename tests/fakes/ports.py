"""A port of one's own on loopback, also while nothing listens there: between two servers nobody else is given it."""

import socket


def own_port(port: int = 0) -> socket.socket:
    """Holds a free port, or `port`, for as long as it is open. It never listens, so a caller is turned away.

    A server that reuses addresses may listen there meanwhile. The system gives the port to no other program that takes
    any, neither to listen nor to call from, however often the server is killed and started again.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held


def number(held: socket.socket) -> int:
    """Which port it is."""
    return int(held.getsockname()[1])
