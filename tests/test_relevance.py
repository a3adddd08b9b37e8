"""Lines of a thread that call nobody: what people say to each other is left alone, what they ask on is answered."""

import tomllib
from pathlib import Path

import pytest

from bot.messaging.message import asks_own_duties, is_for_the_bot, is_welcome, tells_of_danger
from intents.question import Question

LINES = tomllib.loads(Path(__file__).with_name("thread_lines.toml").read_text(encoding="utf-8"))


def answered(assistant, lines):
    """The lines that are answered, of each in each thread."""
    return [
        (begin, line)
        for begin in LINES["begins"]
        for line in lines
        if is_for_the_bot(line, assistant) and is_welcome(assistant.ask(Question(line, (begin,)))[0])
    ]


def test_at_most_four_in_a_hundred_lines_between_people_are_answered(assistant):
    lines = LINES["to_others"]
    found = answered(assistant, lines)
    assert len(found) <= 0.04 * len(lines) * len(LINES["begins"]), found


def test_most_follow_ups_are_answered(assistant):
    """Of 114, nine of which ask what the policy does not say."""
    lines = LINES["to_the_bot"]
    found = answered(assistant, lines)
    assert len(found) >= 0.7 * len(lines) * len(LINES["begins"]), len(found)


@pytest.mark.parametrize("line", ["det brenner på labben!", "🔥 på lab 3", "there is a fire in the lab"])
def test_danger_is_for_the_bot_however_it_is_told(assistant, line):
    assert tells_of_danger(line, assistant)
    assert is_for_the_bot(line, assistant)
    assert is_welcome(assistant.ask(Question("det brenner på labben!"))[0])


def test_what_others_should_not_read_is_never_welcome(assistant):
    assert not is_welcome(assistant.ask(Question("sjefen min trakasserer meg, hvem kan jeg si fra til?"))[0])
    assert not is_welcome(assistant.ask(Question("hei!"))[0])


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("hva er mine plikter?", True),
        ("Kva har eg ansvar for?", True),
        ("what are my duties?", True),
        ("hva er mine plikter som verneombud?", False),
        ("hva er pliktene til rektor?", False),
        ("hva er LOSAM?", False),
    ],
)
def test_who_asks_for_their_own_duties_is_known_by_it(assistant, text, own):
    assert asks_own_duties(text, assistant) is own
