"""The built-in host: a sentence encoder and linear heads behind the OpenAI protocol, in a process of its own.

It is a linear classifier on frozen sentence embeddings, not a language model: it compares texts with the names and
descriptions of labels (zero-shot), with examples in the messages (few-shot), or trains a linear head (fine-tune).
Texts are read up to 256 tokens; what follows is silently left out. The encoder knows English best.

Run it with `python -m core.embedded --port N --data DIR`; the app starts it through `core.embedded.process`.
"""
