"""Rows of the store, as tests fill it."""

import json

from bot.store.answer import StoredAnswer
from bot.store.job import Job
from bot.store.outbox import OutboxMessage


def job(ident="w1", person="p1", conversation="c1"):
    return Job(ident, "slack", person, conversation, json.dumps({"text": "hei"}), 0, 0.0)


def answer(ident="a1", asked=1000.0, **changed):
    row = {
        "id": ident, "asked": asked, "channel": "web", "person": "p1", "conversation": "c1", "sensitive": "",
        "question": "Hvem gjør det?", "history": ("før",), "language": "nb",
        "intent": "who", "outcome": "answered", "verdict": None,
        "confidence": 0.5, "facts": ("a/b",), "gap": "", "nearest": "a/b", "trace": ("fact:a/b 1.0",),
        "profile": ("", "", ""), "text_hash": "t", "document_hash": "d", "data_hash": "x", "version": "1",
    }  # fmt: skip
    return StoredAnswer(**{**row, **changed})


def message(ident, ordering_key="C1"):
    return OutboxMessage(ident, "a1", "slack", "p1", ordering_key, {"channel": "C1"}, {"text": "Hei på deg <æøå>"})
