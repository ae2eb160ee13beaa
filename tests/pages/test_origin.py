"""Which pages are this app's own, told by what browsers and proxies say of them."""

import pytest

from pages._ui.shell.origin import is_own

HERE = ("localhost:8501",)


@pytest.mark.parametrize(
    ("origin", "hosts"),
    [
        ("http://localhost:8501", HERE), ("http://LOCALHOST:8501", HERE), (None, HERE),
        ("http://127.0.0.1:8501", ("127.0.0.1:8501",)), ("http://[::1]:8501", ("[::1]:8501",)),
        ("https://labels.example", ("labels.example",)),
        ("https://name-8501.app.github.dev", ("localhost:8501", "name-8501.app.github.dev")),
        ("https://labels.example", ("127.0.0.1:8501", "labels.example, inner-proxy")),
    ],
)  # fmt: skip
def test_a_page_loaded_from_here_is_our_own_also_behind_a_proxy(origin, hosts):
    assert is_own(origin, hosts)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:9999", "http://127.0.0.1:8501", "https://localhost", "http://localhost", "null", "", "file://",
        "http://localhost:8501.evil.example", "http://evil.example/localhost:8501", "http://user@localhost:8501",
        "http://[", "http://localhost:85010",
    ],
)  # fmt: skip
def test_a_page_of_another_port_name_or_file_is_not(origin):
    assert not is_own(origin, HERE)


def test_a_page_that_the_user_has_named_is():
    assert is_own("https://portal.example", HERE, ["https://portal.example/"])
    assert not is_own("https://portal.example.evil", HERE, ["https://portal.example"])
