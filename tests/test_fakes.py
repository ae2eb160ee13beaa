"""What the tests and their own small worlds must hold themselves, or a test fails for nothing it says."""

import ast
import socket
from pathlib import Path

import pytest

from tests.fakes import cable as cables
from tests.fakes.cable import Cable
from tests.fakes.host import FakeHost
from tests.fakes.ports import number, own_port


def test_a_host_may_come_and_go_on_its_port_and_nobody_else_is_given_it_meanwhile():
    host = FakeHost()
    for _ in range(2):
        with host:
            socket.create_connection(("127.0.0.1", host.port)).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", host.port))
        with pytest.raises(OSError, match="in use"), socket.socket() as other:
            other.bind(("127.0.0.1", host.port))


def test_a_connection_made_in_the_very_moment_a_cable_is_unplugged_does_not_outlive_that(monkeypatch):
    connect = socket.create_connection
    with own_port() as place, socket.create_server(("127.0.0.1", number(place))):
        cable = Cable(number(place))

        def while_it_is_unplugged(address):
            there = connect(address)
            cable.unplug()
            return there

        monkeypatch.setattr(cables.socket, "create_connection", while_it_is_unplugged)
        with connect(("127.0.0.1", cable.port), timeout=30) as browser:
            assert browser.recv(1) == b""
        cable.close()


def is_a_set(node):
    """Whether its order differs from one interpreter to the next."""
    if isinstance(node, ast.BinOp):
        return any(isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "keys" for one in ast.walk(node))
    is_made = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("set", "frozenset")
    return is_made or isinstance(node, ast.Set | ast.SetComp)


def test_no_test_is_multiplied_by_a_set_since_two_workers_must_find_the_same_tests_in_the_same_order():
    found = [
        f"{path.name}:{call.lineno}"
        for path in Path(__file__).parent.rglob("test_*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "parametrize"
        if len(call.args) > 1 and is_a_set(call.args[1])
    ]
    assert found == []
