"""What the tests' own small worlds at the wire must hold themselves, or a test fails for nothing it says."""

import socket

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
