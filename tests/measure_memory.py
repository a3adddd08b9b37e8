"""How much memory answers leave behind: `python tests/measure_memory.py [COUNT]` asks so many questions (20,000), every
fourth of made-up words and 2,000 characters, and says where the process stands after a twentieth and at the end."""

import random
import sys
import time

from bot.bootstrap import build_assistant
from bot.settings import Settings
from corpus.library import read_library
from intents.question import Question

LETTERS = "abcdefghijklmnoprstuvyæøå"


def megabytes():
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123  # no file of a disk
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) / 1024


def questions(count, order):
    """As people ask, and every fourth of made-up words."""
    names = [role.the.nb for role in read_library().roles.values()]
    for number in range(count):
        if number % 4 == 3:
            words = ("".join(order.choices(LETTERS, k=order.randint(4, 12))) for _ in range(300))
            yield " ".join(words)[:2_000]
        else:
            yield f"Hva gjør {order.choice(names)} når saken er nummer {order.randint(1, 10**9)}?"


def grown(assistant, count):
    """Megabytes after the first twentieth, and at the end."""
    early = 0.0
    for number, text in enumerate(questions(count, random.Random(5)), 1):
        assistant.ask(Question(text))
        if number == max(count // 20, 1):
            early = megabytes()
    return early, megabytes()


def main(count):
    assistant, start = build_assistant(Settings()), time.monotonic()
    early, late = grown(assistant, count)
    took = time.monotonic() - start
    print(f"{count} questions in {took:.0f} s: {early:.0f} MB after {count // 20}, {late:.0f} MB at the end")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
