"""The way of a message, as `bot/README.md` lists it: every step is there, and is taken in that order."""

import re
import threading
from pathlib import Path

from fake_slack import message, wait_for
from slack_bot import running

ROOT = Path(__file__).parents[2]
STEP = re.compile(r"^\d+\. `([\w.]+)`: ", re.MULTILINE)


def test_a_message_takes_the_steps_of_the_list_in_their_order(serve, fake, tmp_path):
    steps = STEP.findall((ROOT / "bot/README.md").read_text(encoding="utf-8"))
    listed, called = set(steps), []

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_filename.startswith(str(ROOT)):
            name = f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}"
            if name in listed:
                called.append(name)

    threading.setprofile(note)  # for the threads of the server, which begin now
    try:
        with running(serve, fake, tmp_path / "store.sqlite") as bot:
            bot.event(message("hvem må passe på at folk får opplæring før de tar i bruk laben?"))
            wait_for(lambda: fake.messages)
            bot.settle()
    finally:
        threading.setprofile(None)
    assert len({step.rpartition(".")[0] for step in steps}) <= 25
    left = iter(called)
    missing = [step for step in steps if step not in left]
    assert missing == [], "these steps are not taken, or not in this order"
