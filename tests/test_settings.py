from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.settings import Settings


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder, and another empty folder to be in."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "home"


def write_secrets(folder, text):
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "secrets.toml").write_text(text, encoding="utf-8")


def test_everything_lives_in_the_data_folder_unless_told_otherwise(tmp_path):
    settings = Settings.from_env({"LABELLOOP_DATA": str(tmp_path)})
    assert (settings.data_dir, settings.database_path) == (tmp_path, tmp_path / "labelloop.sqlite3")


def test_the_database_may_be_another_file(tmp_path):
    settings = Settings.from_env({"LABELLOOP_DATABASE": str(tmp_path / "x.sqlite3")})
    assert settings.database_path == tmp_path / "x.sqlite3"
    assert settings.data_dir == Path("data").resolve()


def test_secrets_are_read_from_home_and_from_here_which_goes_first(home):
    write_secrets(home, 'GROQ_API_KEY = "from home"\nTOGETHER_API_KEY = "only at home"\n')
    write_secrets(Path.cwd(), 'GROQ_API_KEY = "from here"\nport = 5\n[hosts]\nazure = "by host"\n[other]\nx = "no"\n')
    assert dict(Settings.from_env({}).secrets) == {
        "GROQ_API_KEY": "from here",
        "TOGETHER_API_KEY": "only at home",
        "hosts.azure": "by host",
    }


def test_secrets_that_are_no_toml_are_one_sentence_with_the_place_and_without_their_text(home):
    write_secrets(home, 'GROQ_API_KEY = "fine"\nOPENAI_API_KEY = sk-planted\n')
    with pytest.raises(WorkbenchError, match=r"secrets.toml is not valid TOML: .*line 2") as caught:
        Settings.from_env({})
    assert "planted" not in str(caught.value)


def test_neither_the_environment_nor_secrets_are_shown_by_its_repr(home):
    write_secrets(home, 'GROQ_API_KEY = "gsk-secret"\n')
    assert "secret" not in repr(Settings.from_env({"OPENAI_API_KEY": "sk-secret"}))


@pytest.mark.parametrize("given", ["~no-such-user/data", "bytes-\udcff", "nul-\0"])
@pytest.mark.parametrize("variable", ["LABELLOOP_DATA", "LABELLOOP_DATABASE"])
def test_a_place_that_leads_nowhere_is_said_with_the_variable_to_set(home, variable, given):
    with pytest.raises(WorkbenchError, match="cannot be used as a path") as caught:
        Settings.from_env({variable: given})
    assert variable in caught.value.hint
    caught.value.message.encode()


def test_links_in_a_circle_are_said(home, tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(WorkbenchError, match="cannot be used as a path"):
        Settings.from_env({"LABELLOOP_DATA": str(tmp_path / "a")})


def test_a_variable_that_is_no_text_is_kept_as_far_as_it_is(home):
    assert Settings.from_env({"OPENAI_BASE_URL": "http://h\udcff/v1"}).environment == {
        "OPENAI_BASE_URL": "http://h\ufffd/v1"
    }


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a = " + "1" * 5_000, "a = 1\na = 2", 'a = "\\ud83d"'])
def test_secrets_that_no_reader_takes_are_said_with_their_file(home, text):
    write_secrets(home, text)
    with pytest.raises(WorkbenchError, match=r"secrets\.toml"):
        Settings.from_env({})
