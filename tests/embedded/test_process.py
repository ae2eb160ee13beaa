import os
import signal
import socket
import subprocess
import sys
import textwrap
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.embedded.process import ROOT, EmbeddedHost
from core.errors import WorkbenchError


def models(connection, token=None):
    headers = {"Authorization": f"Bearer {token or connection.token}"}
    with urllib.request.urlopen(urllib.request.Request(f"{connection.base_url}/models", headers=headers)) as answer:
        return answer.status


def test_importing_the_launcher_is_cheap():
    code = "import sys, core.embedded.process; print('numpy' in sys.modules, 'starlette' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_host_that_cannot_start_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "numpy.py").write_text("raise ImportError('numpy is broken here')")
    with pytest.raises(WorkbenchError, match="did not start.*numpy is broken here") as caught:
        EmbeddedHost(tmp_path / "data").ensure_started()
    assert "embedded.log" in caught.value.hint


@pytest.mark.encoder
def test_threads_that_ask_at_once_share_one_process(running_host):
    with ThreadPoolExecutor(4) as pool:
        connections = list(pool.map(lambda _: running_host.ensure_started(), range(4)))
    assert len({connection.base_url for connection in connections}) == 1
    assert models(connections[0]) == 200


@pytest.mark.encoder
def test_the_token_is_neither_shown_nor_in_the_process_list(running_host):
    connection = running_host.ensure_started()
    assert connection.token not in repr(connection)
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "core.embedded" in listing and connection.token not in listing


@pytest.mark.encoder
def test_a_host_that_died_is_started_again_with_another_token(tmp_path):
    host = EmbeddedHost(tmp_path)
    try:
        first = host.ensure_started()
        host._process.kill()
        host._process.wait()
        second = host.ensure_started()
        assert models(second) == 200 and first.token != second.token
        with pytest.raises(urllib.error.HTTPError, match="401"):
            models(second, first.token)
    finally:
        host.close()
    with pytest.raises(WorkbenchError, match="closed"):
        host.ensure_started()


@pytest.mark.encoder
@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX thing")
def test_the_host_is_gone_after_its_app_was_killed(tmp_path):
    code = f"""
        from pathlib import Path
        from core.embedded.process import EmbeddedHost
        host = EmbeddedHost(Path({str(tmp_path)!r}))
        print(host.ensure_started().base_url, flush=True)
        input()
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    app = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = urllib.parse.urlsplit(app.stdout.readline().strip())
    with socket.create_connection((address.hostname, address.port)) as waiting:
        app.send_signal(signal.SIGKILL)
        app.wait()
        # The connection ends only with the host; nothing was asked on it.
        assert waiting.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port))
    app.stdin.close()
    app.stdout.close()
