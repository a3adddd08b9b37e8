"""Conversations with the bot's MCP server: one in memory, a command, or a transport."""

import asyncio

from mcp import Client

TOKEN = "a-token-that-is-long-enough-for-anybody"
QUESTION = "Hvem vedtar HMS-politikken?"
MODES = ["auto", "legacy"]  # without and with a handshake
CALLS = [
    ("ask", {"question": QUESTION}),
    ("ask", {"question": "og i Gjøvik?", "history": ["Hvem leder LOSAM?"], "language": "nn"}),
    ("ask", {"question": "Who elects the safety representatives?"}),
    ("ask", {"question": "Gjeld arbeidsmiljølova for meg?"}),
    ("ask", {"question": "Jeg blir trakassert av sjefen min"}),
    ("ask", {"question": "hei"}),
    ("role", {"name": "the dean", "language": "en"}),
    ("role", {"name": "AMU"}),
    ("passage", {"id": "rektor/vedtar-politikken"}),
    ("applies", {"who": "student", "job": "no", "language": "nn"}),
    ("applies", {}),
]
REFUSED = [
    ("ask", {}, "question: field required"),
    ("ask", {"question": 7}, "question: input should be a valid string"),
    ("ask", {"question": ""}, "question: string should have at least 1 character"),
    ("ask", {"question": "a" * 2001}, "question: string should have at most 2000 characters"),
    ("ask", {"question": "hei", "history": "hei"}, "history: input should be a valid list"),
    ("ask", {"question": "hei", "history": [None]}, "history.0: input should be a valid string"),
    ("ask", {"question": "hei", "language": "sv"}, "language: input should be 'nb', 'nn' or 'en'"),
    ("ask", {"question": "hei", "lang": "en"}, "lang: extra inputs are not permitted"),
    ("role", {"name": "rektr"}, "name: no role is known by it; choose of: rektor (rektor)"),
    ("role", {"name": "vaktmester"}, "name: no role is known by it"),
    ("role", {"name": "rektor og styret"}, "name: it names several roles; choose of: rektor (rektor), styret (styret)"),
    ("passage", {"id": "rektr/vedtar-politikken"}, "choose of: hms-politikk:rektor/vedtar-politikken"),
    ("passage", {"id": ["rektor"]}, "id: input should be a valid string"),
    ("applies", {"who": "rich"}, "who: input should be 'employed'"),
    ("applies", {"who": "employed", "danger": "no"}, "danger: it is not asked here; choose of: who"),
    ("applies", {"who": ["student"]}, "who: input should be 'employed'"),
    ("answer", {"question": QUESTION}, "the tools are ask, role, passage, applies"),
]


def talk(server, conversation, mode="auto"):
    """What comes of a conversation with a server: one in memory, a command, or a transport."""

    async def run():
        async with Client(server, mode=mode) as client:
            return await conversation(client)

    return asyncio.run(run())


def call(server, name, arguments, mode="auto"):
    return talk(server, lambda client: client.call_tool(name, arguments), mode)


def citations(told):
    return told.get("citations", [told])
