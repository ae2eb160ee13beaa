"""Kinds of hosts, as data: one more entry is one more host in the list. The order is the order on screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.hosts.addresses import places
from core.model import Host


class Route(StrEnum):
    """What LabelLoop can use at a host, beyond which it asks for nothing there."""

    CHAT = "chat"
    MODELS = "models"
    FILES = "files"
    FINE_TUNE = "fine_tune"
    BATCH = "batch"
    DECISIONS = "decisions"
    EMBEDDINGS = "embeddings"


_ASK = frozenset({Route.CHAT, Route.MODELS})
_EMBED = _ASK | {Route.EMBEDDINGS}
_BATCH = _EMBED | {Route.FILES, Route.BATCH}
_TRAIN = _EMBED | {Route.FILES, Route.FINE_TUNE}


@dataclass(frozen=True)
class HostProfile:
    """What is known beforehand about one kind of host.

    `base_url` holds {a name} where the user fills something in, and is empty where all of it is theirs. `key_variable`
    is where its key is looked for. `is_own`: a server for the user's own hardware, where nobody bills tokens.
    `batch_factor` is what a batch costs of the price of single calls, None where that is not published. `key_header`
    carries the bare key instead of `Authorization: Bearer`. `extra` are parameters it is best asked with from the
    start.
    """

    key: str
    title: str
    base_url: str = ""
    key_variable: str = ""
    needs_key: bool = True
    is_own: bool = False
    routes: frozenset[Route] = _ASK
    batch_purpose: str = "batch"
    batch_factor: float | None = None
    key_header: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    key_page: str = ""
    about: str = ""

    @property
    def places(self) -> list[str]:
        """What the user has to fill in of its address."""
        return places(self.base_url)


EMBEDDED = Host(
    key="embedded",
    title="Embedded host",
    base_url="",
    is_local=True,
    about="Runs on this machine: a linear classifier on frozen sentence embeddings, not a large language model. "
    "From pictures it learns by plain features: grey pixels, edges and colours.",
    profile="embedded",
)
OPENAI_URL = "https://api.openai.com/v1"

_ALL = (
    HostProfile("embedded", EMBEDDED.title, needs_key=False, is_own=True, routes=_BATCH | _TRAIN, about=EMBEDDED.about),
    HostProfile(
        "openai",
        "OpenAI",
        OPENAI_URL,
        "OPENAI_API_KEY",
        routes=_BATCH | _TRAIN | {Route.DECISIONS},
        batch_factor=0.5,
        key_page="https://platform.openai.com/api-keys",
        about="Fine-tuning is closing: nobody can start one there after 5 January 2027.",
    ),
    HostProfile(
        "azure",
        "Azure / Foundry",
        "https://{resource}.openai.azure.com/openai/v1",
        "AZURE_OPENAI_API_KEY",
        routes=_BATCH | _TRAIN,
        batch_factor=0.5,
        key_header="api-key",
        key_page="https://ai.azure.com",
        about="Models go by the names of your deployments; a batch needs a deployment of type batch.",
    ),
    HostProfile(
        "nebius",
        "Nebius Token Factory",
        "https://api.tokenfactory.nebius.com/v1",
        "NEBIUS_API_KEY",
        routes=_BATCH | _TRAIN,
        batch_factor=0.5,
        key_page="https://tokenfactory.nebius.com",
    ),
    HostProfile(
        "crusoe",
        "Crusoe",
        "https://api.inference.crusoecloud.com/v1",
        "CRUSOE_API_KEY",
        routes=_ASK | {Route.FILES, Route.FINE_TUNE},
        key_page="https://console.crusoecloud.com",
        about="Models are called at one address and trained at another, with the same key.",
    ),
    HostProfile(
        "together",
        "Together",
        "https://api.together.ai/v1",
        "TOGETHER_API_KEY",
        routes=_BATCH | _TRAIN,
        batch_purpose="batch-api",
        batch_factor=0.5,
        key_page="https://api.together.ai/settings/api-keys",
    ),
    HostProfile(
        "fireworks",
        "Fireworks",
        "https://api.fireworks.ai/inference/v1",
        "FIREWORKS_API_KEY",
        routes=_TRAIN,
        key_page="https://app.fireworks.ai/settings/users/api-keys",
        about="Models are named accounts/fireworks/models/….",
    ),
    HostProfile(
        "groq",
        "Groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        routes=_ASK | {Route.FILES, Route.BATCH},
        batch_factor=0.5,
        key_page="https://console.groq.com/keys",
        about="Gives no logprobs, so no confidence from a single answer.",
    ),
    HostProfile(
        "openrouter",
        "OpenRouter",
        "https://openrouter.ai/api/v1",
        "OPENROUTER_API_KEY",
        key_page="https://openrouter.ai/settings/keys",
        extra={"provider": {"data_collection": "deny"}},
        about="Passes requests on to other providers, which then see the texts; limit them with Extra parameters.",
    ),
    HostProfile(
        "ollama",
        "Ollama",
        "http://localhost:11434/v1",
        needs_key=False,
        is_own=True,
        routes=_EMBED,
        about="Local models give JSON by schema and logprobs; cloud models behind it may not.",
    ),
    HostProfile(
        "lmstudio",
        "LM Studio",
        "http://localhost:1234/v1",
        needs_key=False,
        is_own=True,
        routes=_EMBED,
        about="Start its server first: Developer, Start server.",
    ),
    HostProfile(
        "llamacpp",
        "llama.cpp",
        "http://localhost:8080/v1",
        needs_key=False,
        is_own=True,
        routes=_EMBED,
        about="Serves one model, whatever name is asked for.",
    ),
    HostProfile(
        "vllm",
        "vLLM",
        "http://localhost:8000/v1",
        "VLLM_API_KEY",
        needs_key=False,
        is_own=True,
        routes=_EMBED,
        about="Qwen models think before they answer unless told otherwise: see Extra parameters.",
    ),
    HostProfile(
        "litellm",
        "LiteLLM proxy",
        "http://localhost:4000/v1",
        "LITELLM_API_KEY",
        needs_key=False,
        routes=_BATCH | _TRAIN,
        about="Passes requests on to the providers it is set up with, which then see the texts, too.",
    ),
    HostProfile(
        "custom",
        "Another server",
        needs_key=False,
        routes=_BATCH | _TRAIN,
        about="Anything that speaks the OpenAI protocol: a company gateway, a server of your own.",
    ),
)
PROFILES: dict[str, HostProfile] = {profile.key: profile for profile in _ALL}


def profile_of(host: Host) -> HostProfile:
    """The kind of host it is; one that is not known any more counts as custom."""
    return PROFILES.get(host.profile, PROFILES["custom"])
