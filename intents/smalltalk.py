"""Greetings, thanks, questions about the bot → which wording answers them."""

from intents.answer import WordedAnswer
from intents.question import Query


def answer_smalltalk(key: str, asked: Query) -> WordedAnswer:
    """`key` names the wording: greeting, thanks, help, bot, …"""
    return WordedAnswer(language=asked.language, intent="smalltalk", outcome="smalltalk", key=key)
