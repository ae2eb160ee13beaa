"""Under which licence the base of a tuned model is published, as far as its name tells."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Licence:
    """`key` is the identifier that the Hugging Face Hub knows, `about` one clause for people."""

    key: str
    about: str


UNKNOWN = Licence("unknown", "unknown: look it up where the base model is published")
_HOSTED = Licence("other", "none: the weights are not published, and the terms of the host apply")

_KNOWN: tuple[tuple[str, Licence], ...] = (
    (r"^minilm-l6|all-minilm-l6-v2", Licence("apache-2.0", "Apache 2.0, that of all-MiniLM-L6-v2")),
    (r"(?:^|[:/])(?:gpt-(?:3\.5|4|4o|4\.1|5)|o\d|chatgpt|davinci|babbage)\b", _HOSTED),
    (r"\bllama-?3\.3", Licence("llama3.3", "Llama 3.3 Community License")),
    (r"\bllama-?3\.2", Licence("llama3.2", "Llama 3.2 Community License")),
    (r"\bllama-?3\.1", Licence("llama3.1", "Llama 3.1 Community License")),
    (r"\bqwen2\.5-(?:3b|72b)", Licence("other", "Qwen's own, which differs by size: read it")),
    (r"\bqwen(?:2\.5|3)-", Licence("apache-2.0", "Apache 2.0")),
    (r"\bmi(?:s|x)tral-(?:7b|8x7b|nemo)", Licence("apache-2.0", "Apache 2.0")),
    (r"\bgemma", Licence("gemma", "Gemma Terms of Use")),
    (r"\bgpt-oss", Licence("apache-2.0", "Apache 2.0")),
    (r"\bphi-(?:3|4)", Licence("mit", "MIT")),
    (r"\bsmollm", Licence("apache-2.0", "Apache 2.0")),
)
"""The first that is found in a name tells. Other names stay unknown: a guess would bind nobody."""


def licence_of(base_model: str) -> Licence:
    """What is known by the name; `UNKNOWN` where nothing is."""
    name = base_model.lower()
    return next((licence for pattern, licence in _KNOWN if re.search(pattern, name)), UNKNOWN)
