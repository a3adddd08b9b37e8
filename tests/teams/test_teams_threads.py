"""Ten threads of channels where people talk in between: who calls the bot is answered in the thread, nobody else."""

import tomllib
from itertools import cycle
from pathlib import Path

import pytest
from bot_connector import Person

LINES = tomllib.loads((Path(__file__).parents[1] / "thread_lines.toml").read_text(encoding="utf-8"))
THREADS, QUESTIONS, TALK = 10, 10, 12


@pytest.fixture(scope="module")
def said(server, connector):
    """How many messages stand in each thread, once all was said: every line by one of three people."""
    questions, talk = cycle(LINES["to_the_bot"]), cycle(LINES["to_others"])
    people = [Person(connector, f"thread{k}") for k in range(3)]
    threads = [f"19:channel{n}@thread.tacv2;messageid=1" for n in range(THREADS)]
    for k in range(QUESTIONS + TALK):
        for n, thread in enumerate(threads):
            person = people[(n + k) % 3]
            # Teams hands a bot such lines only where an administrator has let it read all of a channel.
            spoken = person.mention(next(questions), thread) if k % 2 == 0 and k < 2 * QUESTIONS else None
            activity = spoken or person.message(next(talk), thread)
            assert server.post(connector, activity).status_code == 200
        server.settle()
    return {thread: list(connector.messages.get(thread, {}).values()) for thread in threads}


def test_each_mention_is_answered_once_in_its_thread_and_nothing_else_is(said, connector):
    assert [len(messages) for messages in said.values()] == [QUESTIONS] * THREADS
    assert all(len({one["replyToId"] for one in messages}) == QUESTIONS for messages in said.values())
    assert not [place for place in connector.messages if place.startswith("a:") and "thread" in place]
