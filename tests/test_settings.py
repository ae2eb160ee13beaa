from pathlib import Path

from core.hosts.profiles import EMBEDDED, available_hosts
from core.settings import Settings


def test_everything_lives_in_the_data_folder_unless_told_otherwise(tmp_path):
    settings = Settings.from_env({"LABELLOOP_DATA": str(tmp_path)})
    assert (settings.data_dir, settings.database_path) == (tmp_path, tmp_path / "labelloop.sqlite3")


def test_the_database_may_be_another_file(tmp_path):
    settings = Settings.from_env({"LABELLOOP_DATABASE": str(tmp_path / "x.sqlite3")})
    assert settings.database_path == tmp_path / "x.sqlite3"
    assert settings.data_dir == Path("data").resolve()


def test_a_key_is_found_in_the_environment_and_shown_by_nothing():
    settings = Settings.from_env({"OPENAI_API_KEY": "sk-secret"})
    host = available_hosts(settings.environment)["openai"]
    assert settings.key_for(host) == "sk-secret"
    assert settings.key_for(EMBEDDED) == ""
    assert "sk-secret" not in repr(settings)
