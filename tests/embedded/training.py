"""Lines to learn from, and the loop over a real host: upload, train, ask."""

import asyncio
import io
import json

from core.embedded.dataset import InvalidFile


def line(answer, text="a text", system="Label it."):
    content = answer if isinstance(answer, str) else json.dumps(answer)
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return json.dumps({"messages": [*messages, {"role": "assistant", "content": content}]})


def response_format(**properties):
    schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


async def ask(host, system, text, shape=None, model="minilm-l6", **more):
    """The first choice."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    body = {"model": model, "messages": messages, "response_format": shape, **more}
    return (await host.chat.complete(body))["choices"][0]


async def ask_all(host, system, texts, shape=None, model="minilm-l6"):
    """What is answered to each text."""
    answered = []
    for start in range(0, len(texts), 100):
        asked = (ask(host, system, text, shape, model) for text in texts[start : start + 100])
        answered += [choice["message"]["content"] for choice in await asyncio.gather(*asked)]
    return answered


async def taught(host, lines, **hyperparameters):
    """The name of a model tuned on the lines; InvalidFile with what the job says where it failed."""
    file = host.files.create(io.BytesIO("\n".join(lines).encode()), "train.jsonl", "fine-tune")
    order = {"model": "minilm-l6", "training_file": file["id"], "seed": 0, "hyperparameters": hyperparameters}
    job = host.create_job(order)
    assert await asyncio.to_thread(host.trainer.work_once)
    job = host.jobs.retrieve(job["id"])
    if job["status"] != "succeeded":
        raise InvalidFile(job["error"]["message"])
    return job["fine_tuned_model"]
