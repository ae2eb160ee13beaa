"""What every kind of host has to say about itself; a new entry is tested by being in the dict."""

import json
from urllib.parse import urlsplit

import pytest

from core.hosts.addresses import checked_address, is_loopback
from core.hosts.profiles import EMBEDDED, PROFILES, Route, profile_of
from core.model import Host

REMOTE = [profile for profile in PROFILES.values() if profile.needs_key]


def test_the_kinds_of_hosts_in_the_order_of_the_screen():
    assert list(PROFILES) == [
        "embedded", "openai", "azure", "nebius", "crusoe", "together", "fireworks", "groq", "openrouter",
        "ollama", "lmstudio", "llamacpp", "vllm", "litellm", "custom",
    ]  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_profile_is_whole(profile):
    assert profile.key.isidentifier() and profile.key == profile.key.lower()
    assert profile.title.strip() == profile.title != ""
    assert Route.CHAT in profile.routes
    if {Route.BATCH, Route.FINE_TUNE} & profile.routes:
        assert Route.FILES in profile.routes, "both begin with a file"
    json.dumps(dict(profile.extra))
    assert not profile.about or profile.about.endswith("."), "about is a sentence"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_the_address_of_a_profile_can_be_stored_once_its_places_are_filled_in(profile):
    address = profile.base_url
    for place in profile.places:
        address = address.replace(f"{{{place}}}", "mine")
    if profile.key not in ("embedded", "custom"):
        assert checked_address(address) == address
    if profile.is_own and address:
        assert is_loopback(address), "the user's own hardware is looked for on this machine"


@pytest.mark.parametrize("profile", REMOTE, ids=[profile.key for profile in REMOTE])
def test_a_host_that_needs_a_key_says_where_it_is_looked_for_and_where_to_get_one(profile):
    assert profile.key_variable.isupper() and profile.key_variable.endswith("_KEY")
    assert urlsplit(profile.key_page).scheme == "https"
    assert profile.base_url.startswith("https://"), "a key never goes over plain http to another machine"


def test_no_two_profiles_share_a_key_variable_or_a_title():
    variables = [profile.key_variable for profile in PROFILES.values() if profile.key_variable]
    titles = [profile.title for profile in PROFILES.values()]
    assert len(set(variables)) == len(variables) and len(set(titles)) == len(titles)


def test_only_openai_is_known_to_have_decisions_and_only_together_another_word_for_batches():
    assert [profile.key for profile in PROFILES.values() if Route.DECISIONS in profile.routes] == ["openai"]
    assert {profile.key for profile in PROFILES.values() if profile.batch_purpose != "batch"} == {"together"}


def test_a_host_of_a_kind_no_longer_known_counts_as_custom():
    assert profile_of(EMBEDDED).key == "embedded"
    assert profile_of(Host("x", "X", "http://x/v1", profile="gone")).key == "custom"
