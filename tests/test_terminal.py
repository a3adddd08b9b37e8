"""What a person types in a terminal, and what is shown there: with real pseudo-terminals where that matters."""

import io
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from rich.console import Console

from bot.terminal import converse, questions_of, show
from intents.question import Question

pty = pytest.importorskip("pty")

DUTIES = {
    "nb": "Hvilke plikter har instituttlederen?",
    "nn": "Kva plikter har instituttleiaren?",
    "en": "What are the duties of the head of department?",
}


class Terminal:
    """A command in a pseudo-terminal: what it has printed so far, without the codes for colours and places."""

    def __init__(self, *arguments, **environment):
        self.printed = ""
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            # A pseudo-terminal says nothing of where its cursor is.
            told = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "COLUMNS": "60", "LC_ALL": "C.UTF-8"}
            os.environ.update(told | environment)
            os.execv(sys.executable, [sys.executable, "-m", "bot", *arguments])

    def type(self, keys, until):
        """Type, and give what is printed from then on until that text stands there."""
        before = len(self.printed)
        os.write(self.file, keys.encode())
        return self.wait(until, before)

    def wait(self, until, before=0, seconds=60):
        end = time.monotonic() + seconds
        while until not in self.printed[before:]:
            assert time.monotonic() < end, self.printed[before:]
            assert self._read(0.1), f"it ended, having printed {self.printed[before:]!r}"
        return self.printed[before:]

    def end(self, keys=b"", seconds=60):
        """Its exit status once it has ended by itself. Keys are pressed until then: between two prompts the terminal
        keeps them to itself."""
        before, end = len(self.printed), time.monotonic() + seconds
        while self._read(0.5):
            assert time.monotonic() < end, self.printed[before:]
            with suppress(OSError):  # it may end just now
                os.write(self.file, keys)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, seconds):
        """Take what is printed within so many seconds; whether the other end is still open."""
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self.file, 65536).decode("utf-8", "replace")
        except OSError:  # so Linux tells that the other end is closed
            return False
        self.printed += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", piece).replace("\r", "")
        return bool(piece)

    def close(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.file)


@pytest.fixture
def terminal(index_file):
    opened = []

    def start(*arguments, **environment):
        opened.append(Terminal(*arguments, HMS_INDEX_FILE=str(index_file), **environment))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def shown(reply, assistant, **console):
    """A reply as it is printed."""
    out = Console(file=io.StringIO(), highlight=False, color_system=None, **console)
    show(reply, assistant.wordings, out)
    return out.file.getvalue()


def talk(assistant, *lines):
    """What a conversation asks, as the assistant is asked."""
    asked = []

    class Listening:
        wordings = assistant.wordings

        @staticmethod
        def ask(question):
            asked.append(question)
            return assistant.ask(question)

    converse(Listening, iter(lines))
    return asked


def test_a_line_can_be_edited_and_called_back_and_a_number_asks_the_question_shown(terminal):
    chat = terminal("chat")
    chat.wait("Ctrl-D")
    answer = chat.type(
        "va gjør et verneombud?\x01H\x05\r", until="3 › "
    )  # to the beginning of the line, and to its end
    assert "gjelder dette for verneombudet" in answer
    assert "1 › Hvem tar saken videre etter verneombudet?" in answer
    assert "Blir saken ikke løst mellom" in chat.type("1\r", until="3 › ")
    assert "gjelder dette for verneombudet" in chat.type("\x1b[A\x1b[A\r", until="3 › ")
    chat.wait("? ")
    time.sleep(1)  # before it reads keys itself, the terminal makes a signal of Ctrl-C
    chat.type("half a question\x03", until="? ")
    assert chat.end(b"\x04") == 0


def test_ctrl_c_in_an_empty_line_ends_the_conversation(terminal):
    chat = terminal("chat", LC_ALL="en_GB.UTF-8")
    assert "Ask me who is responsible" in chat.wait("Ctrl-D")
    chat.wait("? ")
    time.sleep(0.2)
    os.write(chat.file, b"\x03")
    assert chat.end() == 0


@pytest.mark.parametrize("word", ["exit", "quit", "q", " Exit "])
def test_a_word_ends_the_conversation_and_an_empty_line_does_not(assistant, word):
    asked = talk(assistant, "", "Hva er AMU?", "  ", "Hva er LMU?", word, "Hva er BHT?")
    assert [question.text for question in asked] == ["Hva er AMU?", "Hva er LMU?"]
    assert asked[1].history == ("Hva er AMU?",)


def test_choices_and_next_questions_are_numbered_in_one_row(assistant, capsys):
    reply = assistant.ask(Question("Does the Working Environment Act apply to me in the lab?"))[1]
    questions = questions_of(reply)
    assert [choice.label for choice in reply.choices] == questions[: len(reply.choices)]
    assert len(reply.choices) > 1
    show(reply, assistant.wordings, numbered=True)
    printed = capsys.readouterr().out
    for number, question in enumerate(questions, 1):
        assert f"  {number} › {question}\n" in printed


def test_the_choices_of_several_questions_are_all_offered(assistant):
    text = "Does the Working Environment Act apply to me in the lab? Who adopts the HSE policy?"
    reply = assistant.ask(Question(text))[1]
    offered = [choice.label for part in reply.parts for choice in part.choices]
    assert offered
    assert questions_of(reply)[: len(offered)] == offered
    assert all(label in shown(reply, assistant) for label in offered)


def test_a_number_that_no_suggestion_has_is_told_and_changes_nothing(assistant, capsys):
    asked = talk(assistant, "Hva gjør et verneombud?", "9", "0", "2.", "2")
    assert [question.text for question in asked[:2]] == ["Hva gjør et verneombud?", "2."]
    assert capsys.readouterr().out.count("Ingen av forslagene har det nummeret. Det siste er 3.") == 2


def test_a_number_is_a_question_where_nothing_was_offered(assistant):
    assert [question.text for question in talk(assistant, "7")] == ["7"]


def test_what_is_piped_into_chat_is_read_without_a_prompt(index_file):
    program = "import sys; from bot.cli import app; app(['chat'], standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; print('prompt_toolkit' in sys.modules)"],
        input="hva er LOSAM?\nhvem leder det i Gjøvik?\nquit\nHva er AMU?\n".encode(),
        capture_output=True,
        env={**os.environ, "HMS_INDEX_FILE": str(index_file)},
        check=True,
    )
    printed = done.stdout.decode()
    assert "viserektor" in printed
    assert "? \n" not in printed
    assert "Arbeidsmiljøutvalget (AMU)" not in printed
    assert printed.endswith("False\n")


@pytest.mark.parametrize("language", DUTIES)
def test_points_carry_the_numbers_of_passages_that_are_all_shown(assistant, language):
    reply = assistant.ask(Question(DUTIES[language]))[1]
    printed = shown(reply, assistant)
    above, _, below = printed.partition(assistant.wordings[language]["source.passages"])
    for group, start in reply.listed():
        for number, point in enumerate(group.points, start):
            marks = ", ".join(map(str, point.passages))
            assert re.search(rf"^ +{number}\. {re.escape(point.text)} \[{marks}\]$", above, re.MULTILINE)
    numbers = {int(n) for marks in re.findall(r" \[([\d, ]+)\]$", above, re.MULTILINE) for n in marks.split(", ")}
    assert numbers == set(range(1, len(reply.citations) + 1))
    for number, cited in enumerate(reply.citations, 1):
        assert re.search(rf"^ +\[{number}\] «.*{re.escape(cited.citation.quote)}»$", below, re.MULTILINE)
        assert (cited.citation.passage.translation in below) == (language == "en")
    places = [cited.place for cited in reply.citations]
    assert [below.count(f"  {place}\n") for place in places] == [1] * len(places)


def test_in_a_terminal_lines_are_broken_and_stand_under_the_beginning_of_their_text(assistant):
    reply = assistant.ask(Question(DUTIES["nb"]))[1]
    lines = shown(reply, assistant, width=60, force_terminal=True).splitlines()
    assert max(map(len, lines)) <= 60
    for marker in (r" +\d+\. ", r" +\[\d+\] "):
        beginnings = [n for n, line in enumerate(lines) if re.match(marker, line) and len(line) > 55]
        assert beginnings
        for n in beginnings:
            indent = re.match(marker, lines[n]).end()
            assert re.match(rf" {{{indent}}}\S", lines[n + 1]) or re.match(marker, lines[n + 1])


def test_a_very_narrow_terminal_gets_every_word(assistant):
    reply = assistant.ask(Question(DUTIES["en"]))[1]
    printed = shown(reply, assistant, width=12, force_terminal=True)
    assert "".join(reply.citations[0].citation.quote.split()) in "".join(printed.split())


def test_what_must_be_known_first_is_a_paragraph_of_its_own_in_a_pipe(assistant):
    reply = assistant.ask(Question("Det brenner på laben, hva gjør jeg?"))[1]
    assert shown(reply, assistant).startswith(f"\n{reply.first}\n\n{reply.lead}")


def test_nothing_is_waited_for_where_a_person_gives_no_question(terminal):
    ask = terminal("ask")
    ask.wait("the question is empty")
    assert ask.end() == 2
