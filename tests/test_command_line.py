"""The command line: how a question is given, what help tells, and where `hms serve` listens."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from importlib.metadata import version

import pytest
import typer
from ports import free_port
from starlette.applications import Starlette
from typer.testing import CliRunner

from bot import cli, startup
from bot.messaging.services import SettingFault
from bot.server import bind, run
from bot.settings import Settings
from bot.startup import question_of
from bot.terminal import show_why
from intents.question import Question

COMMANDS = typer.main.get_command(cli.app)


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["Hvem vedtar HMS-politikken?"], ""),
        (["Hvem", "vedtar", "HMS-politikken?"], "not read"),
        (["-"], "Hvem vedtar\nHMS-politikken?\n"),
        ([], "Hvem vedtar HMS-politikken?\r\n"),
    ],
    ids=["quoted", "words", "dash", "pipe"],
)
@pytest.mark.parametrize("command", [["ask"], ["ask", "--json"], ["why"]], ids=" ".join)
def test_a_question_comes_as_words_or_from_standard_input(hms, command, arguments, stdin):
    done = hms(*command, *arguments, stdin=stdin)
    assert done.exit_code == 0, done.output
    assert "Rektor vedtar HMS-politikken." in done.stdout
    if "--json" in command:
        asked = json.loads(done.stdout)["question"]
        assert asked.split() == ["Hvem", "vedtar", "HMS-politikken?"]


@pytest.mark.parametrize(
    "arguments", [["ask"], ["ask", ""], ["ask", "-"], ["ask", "--json"], ["why"], ["why", "  "]], ids=" ".join
)
def test_an_empty_question_is_wrong_usage_and_says_how_it_is_done(hms, arguments):
    done = hms(*arguments, stdin=" \n")
    assert done.exit_code == 2
    assert "the question is empty" in done.stderr


def test_an_empty_question_of_a_program_still_gets_its_object(hms):
    done = hms("ask", "--json", "")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["outcome"] == "smalltalk"


def test_without_any_standard_input_the_question_is_empty(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert question_of([]) == ""


def all_commands(group, *path):
    for name, command in group.commands.items():
        yield [*path, name], command
        if hasattr(command, "commands"):
            yield from all_commands(command, *path, name)


@pytest.mark.parametrize("path", [[], *(path for path, _ in all_commands(COMMANDS))], ids=" ".join)
def test_every_command_has_help_in_two_spellings(path):
    short, long = (CliRunner().invoke(cli.app, [*path, option]) for option in ("-h", "--help"))
    assert (short.exit_code, long.exit_code) == (0, 0)
    assert short.stdout == long.stdout


def test_help_lists_commands_in_panels_each_in_a_line():
    printed = CliRunner().invoke(cli.app, ["-h"], env={"COLUMNS": "80", "TERM": "dumb"}).stdout
    assert re.findall(r"─ (\w+) ─", printed) == ["Options", "Ask", "Improve", "Run", "Channels"]
    listed = re.findall(r"^│ (\S+) +.+ │$", printed.partition("─ Ask ─")[2], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS.commands)
    assert "hms --install-completion" in printed


def test_the_version_is_that_of_the_package():
    assert CliRunner().invoke(cli.app, ["--version"]).stdout == f"hms {version('hms-bot')}\n"


def test_tab_completes_commands():
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import app; app(prog_name='hms')"],
        env={**os.environ, "_HMS_COMPLETE": "complete_bash", "COMP_WORDS": "hms ch", "COMP_CWORD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["chat", "check"]


def test_why_gives_whole_ids_in_a_narrow_terminal(assistant, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    question = Question("Hvilken retningslinje gjelder for samarbeid mellom linjeleder og verneombud?")
    show_why(assistant, question)
    targets = [hit.target for trace in assistant.explain(question)[2] for hit in trace.hits[:8]]
    printed = capsys.readouterr().out.splitlines()
    assert max(map(len, targets)) > 30
    assert [line.split()[1] for line in printed if re.match(r"  \d\.\d\d \S", line)] == targets


@pytest.mark.parametrize("options", [["--port", "{port}"], []], ids=["option", "setting"])
def test_a_port_that_is_taken_is_told_before_anything_else(tmp_path, monkeypatch, options):
    monkeypatch.setattr("bot.server.configure_logs", lambda settings: None)  # those of the tests stay as they are
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = {"INDEX_FILE": tmp_path / "index.sqlite", "STORE_FILE": tmp_path / "store.sqlite", "PORT": port}
        if options:
            given["PORT"] = 1
        done = CliRunner().invoke(
            cli.app,
            ["serve", *(option.format(port=port) for option in options)],
            env={f"HMS_{name}": str(value) for name, value in given.items()},
        )
    assert done.exit_code == 3
    assert done.stderr.splitlines() == [
        f"port {port} of 127.0.0.1 is taken by another program: end it, or choose another port"
        " (HMS_PORT, or hms serve --port)"
    ]
    assert list(tmp_path.iterdir()) == []


def test_options_of_serve_count_before_the_settings_and_citations_lead_there(index_file, tmp_path):
    settings = {"HMS_INDEX_FILE": str(index_file), "HMS_STORE_FILE": str(tmp_path / "store.sqlite")}
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--host", "127.0.0.1", "--port", "0"],
            env={**os.environ, **settings, "HMS_HOST": "192.0.2.1", "HMS_PORT": str(free_port())},
            stderr=out,
        )
        try:
            end = time.monotonic() + 60
            while not (found := re.search(r"url=http://127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))):
                assert server.poll() is None and time.monotonic() < end
                time.sleep(0.05)
            assert int(found[1]) > 0
            with socket.create_connection(("127.0.0.1", int(found[1])), 20) as client:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
                assert client.recv(65536).startswith(b"HTTP/1.1 200")
        finally:
            server.terminate()
            assert server.wait(20) == 0


def test_a_port_that_another_comes_to_listen_on_meanwhile_is_told_too():
    """Both may bind it as long as nobody listens: the index of each may take its time."""
    first = bind("127.0.0.1", 0)
    port = first[0].getsockname()[1]
    second = bind("127.0.0.1", port)
    try:
        first[0].listen()
        with pytest.raises(SettingFault, match=f"port {port} of 127.0.0.1 is taken"):
            run(Starlette(), second, Settings(_env_file=None))
    finally:
        for bound in (*first, *second):
            bound.close()


def test_a_host_that_is_not_ours_is_told_with_its_reason():
    with pytest.raises(SettingFault, match=r"192\.0\.2\.1 \(HMS_HOST\), port 0 \(HMS_PORT\): Cannot assign"):
        bind("192.0.2.1", 0)


def test_a_server_on_an_ipv6_address_is_told_as_a_link():
    assert Settings(_env_file=None, host="::1", port=8081).public_url == "http://[::1]:8081"


def test_a_server_without_a_terminal_logs_how_its_index_is_built(caplog):
    caplog.set_level("INFO")
    progress = startup._Progress()
    progress.step("words")
    progress.stop()
    assert caplog.messages == ["building the index: words"]


def test_an_output_that_lacks_letters_gets_marks_and_json_gets_escapes(hms):
    told, asked = (
        hms("ask", *options, "Hva gjør et verneombud?", charset="ascii").stdout for options in ([], ["--json"])
    )
    assert "HMS-politikk (revidert 8. juni 2021) ? Ansvar, roller og oppgaver ? Verneombudslinjen" in told
    assert json.loads(asked)["question"] == "Hva gjør et verneombud?"
