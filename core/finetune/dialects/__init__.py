"""How fine-tunes are ordered, watched and deployed: one line a kind of host, as `core.hosts.profiles` names them."""

from core.finetune.dialects import openai_hosts
from core.finetune.dialects.dialect import Deploys, Dialect
from core.finetune.dialects.fireworks import FIREWORKS
from core.finetune.dialects.together import TOGETHER

__all__ = ["DIALECTS", "Deploys", "Dialect", "dialect_of", "title_of"]

DIALECTS: dict[str, Dialect] = {
    "embedded": openai_hosts.EMBEDDED,
    "openai": openai_hosts.OPENAI,
    "azure": openai_hosts.AZURE,
    "nebius": openai_hosts.NEBIUS,
    "crusoe": openai_hosts.CRUSOE,
    "together": TOGETHER,
    "fireworks": FIREWORKS,
    "litellm": openai_hosts.LITELLM,
    "custom": openai_hosts.CUSTOM,
}


def dialect_of(profile: str) -> Dialect:
    """That of a kind of host; one that is not known is taken for a server of the OpenAI protocol."""
    return DIALECTS.get(profile, DIALECTS["custom"])


def title_of(parameter: str) -> str:
    """What a parameter is called on screen, whichever dialect has it; its key where none has."""
    known = (dialect.parameters_by_key.get(parameter) for dialect in DIALECTS.values())
    return next((one.title for one in known if one is not None), parameter)
