"""Greetings, thanks, questions about the bot → which wording answers them."""

from intents.answer import Answer
from intents.question import Query


def answer_smalltalk(key: str, asked: Query) -> Answer:
    """`key` names the wording: greeting, thanks, help, bot, …"""
    return Answer(language=asked.language, intent="smalltalk", outcome="smalltalk", key=key)
