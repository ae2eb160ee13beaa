"""Hosts that fine-tune, each as its makers publish it: paths, bodies, words of state, times, and what it refuses.

`VENDORS` has one for each dialect. Disturb any route with `on`, as the fake host's; where a tuned model has to be
deployed first, it is not called before.
"""

from tests.fakes.vendors.fireworks import FireworksHost
from tests.fakes.vendors.openai_like import AzureHost, CrusoeHost, CustomHost, LiteLLMHost, NebiusHost, OpenAIHost
from tests.fakes.vendors.together import TogetherHost
from tests.fakes.vendors.world import VendorHost

VENDORS: dict[str, type[VendorHost]] = {
    "openai": OpenAIHost,
    "azure": AzureHost,
    "nebius": NebiusHost,
    "crusoe": CrusoeHost,
    "together": TogetherHost,
    "fireworks": FireworksHost,
    "litellm": LiteLLMHost,
    "custom": CustomHost,
}

__all__ = ["VENDORS", "VendorHost"]
