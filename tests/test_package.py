"""A wheel carries all it needs: installed elsewhere it answers the same."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from functools import partial
from pathlib import Path
from uuid import uuid4

from bot.messaging.answer_record import RequestContext, read_build_version, stored
from bot.store.answer import keep_all
from bot.store.database import migrate
from bot.store.profile import Profile
from bot.store.pseudonym import new_id
from bot.store.sqlite import SQLiteDatabase
from intents.question import Question

ROOT = Path(__file__).parents[1]
READMES = (
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("[a-z]*/README.md"), *ROOT.glob("bot/*/README.md"),
)  # fmt: skip


def test_a_wheel_built_and_installed_elsewhere_answers_the_same(assistant, index_file, tmp_path):
    """Its data are the same too, or it would build the index anew."""
    index = shutil.copy(index_file, tmp_path)
    built = Path(index).stat().st_mtime_ns
    run = partial(subprocess.run, check=True, capture_output=True, cwd=tmp_path)
    run([sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", ROOT])
    [wheel] = (tmp_path / "dist").glob("*.whl")
    target = tmp_path / "elsewhere"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target", target]
    run([*pip, wheel])
    questions = ["Hvem vedtar HMS-politikken?", "Hvilke plikter har en dekan?", "does AML apply in the reading room?"]
    done = run(
        [sys.executable, "-P", "-m", "bot", "ask", "--jsonl"],
        input="\n".join(json.dumps({"id": q, "q": q}) for q in questions),
        env={**os.environ, "PYTHONPATH": str(target), "HMS_INDEX_FILE": index},
        text=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    from bot.contract import answer_object

    for question, answer in zip(questions, answers, strict=True):
        here = answer_object(assistant, Question(question), question)[1]
        for key in ("text", "facts", "verdict", "outcome", "confidence", "language"):
            assert answer[key] == here[key]
    assert Path(index).stat().st_mtime_ns == built


def test_every_file_of_data_is_packaged():
    """A new channel's too: what it may bring is named by its ending, and not by the channel."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    for package, patterns in listed.items():
        packaged = {file for pattern in patterns for file in (ROOT / package).glob(pattern)}
        files = (file for file in (ROOT / package).rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        left_out = {"README.md", "page.png", ".documents.lock"}  # what is read on GitHub, and what a command leaves
        data = {file for file in files if file.suffix != ".py" and file.name not in left_out}
        assert data - packaged == set()
    assert any(pattern.startswith("**/") and pattern.endswith(".toml") for pattern in listed["bot"])


def test_the_readme_and_the_example_settings_name_every_command_and_setting():
    from bot.cli import app
    from bot.settings import Settings

    files = [ROOT / "README.md", *ROOT.glob("[a-z]*/README.md"), *ROOT.glob("bot/*/README.md")]
    readme = "".join(file.read_text(encoding="utf-8") for file in files)
    commands = {c.name or c.callback.__name__ for c in app.registered_commands}
    assert {c for c in commands if f"hms {c}" not in readme} == set()
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"#HMS_([A-Z_]+)=", example)) == {name.upper() for name in Settings.model_fields}


def commands_in(text):
    """Every `hms …` that stands in a block of commands or between backquotes, as words."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    spans = re.findall(r"(?<!`)`((?:\.venv/bin/)?hms [^`\n]+)`", text)
    lines = [line for line in blocks.splitlines() if re.search(r"(^|[\s/])hms ", line)]
    for line in (*lines, *spans):
        for found in re.findall(r"(?:^|[\s/])hms ([^|&#;<>]+)", line):
            yield line, found.replace("\\", "").split()


def test_every_command_in_a_readme_is_one_with_its_options():
    from typer.main import get_command

    from bot.cli import app

    root, unknown = get_command(app), []
    for file in READMES:
        for line, words in commands_in(file.read_text(encoding="utf-8")):
            command = root
            for word in words:
                if hasattr(command, "commands") and word in command.commands:
                    command = command.commands[word]
            options = {name for one in (root, command) for p in one.params for name in p.opts} | {"-h", "--help"}
            named = {word.split("=")[0].strip("`.,()[]\"'") for word in words if word.startswith("-") and len(word) > 1}
            written = hasattr(command, "commands") and words[0].isalpha() and words[0].islower()
            if written or not {n for n in named if n.isascii()} <= options:
                unknown.append((file.name, line.strip()))
    assert unknown == []


# What runs the commands that run on, change this checkout or the user's shell, or take minutes. Of `hms benchmark` only
# `--load` is run: it compares for six minutes.
RUN_ELSEWHERE = {
    "serve": "tests/test_serve.py", "mcp": "tests/test_mcp.py", "chat": "tests/test_terminal.py",
    "teach": "tests/test_teach.py", "review": "tests/test_review_command.py",
    "document import": "tests/importing.py", "document revise": "tests/test_revision.py",
    "document publish": "tests/test_revision.py", "document propose": "tests/test_proposals.py",
    "document take": "tests/store/test_published_on_replicas.py",
    "store copy": "tests/store/test_store_commands.py",
    "train": ".ci/run", "eval": "tests/test_contract.py", "benchmark": "tests/test_load.py", "--install-completion": "",
}  # fmt: skip

# Named without what they need: a folder, a channel, whom to forget, what to restore. A new secret is for a store whose
# own is lost.
MENTIONED = {("init",), ("pause",), ("store", "forget"), ("store", "restore"), ("store", "new-secret")}


# What the READMEs have of other programs: where it is run, or why it is not.
OTHER_PROGRAMS = {
    "python3 -m venv": ".ci/run",
    ".venv/bin/pip install": ".ci/run",
    ".venv/bin/python -m pytest": ".ci/run",
    "pip-audit": "asks a service on the net for known faults",
    "pip install pip-tools": "goes before what follows",
    "python tests/lock_versions.py": "asks a registry for ten minutes",
    "pip install cyclonedx-bom": "goes before what follows",
    "cyclonedx-py requirements": "needs what the tests do not",
    "python tests/mutation.py": "breaks this checkout for six minutes",
    "python tests/lock_images.py": "asks the registries of the images",
    "python tests/measure_quoted.py": "needs the acts, which are imported from elsewhere",
    "python tests/measure_fair_use.py": "takes two minutes of both cores",
    "python tests/measure_scale.py": "takes minutes, and hundreds of megabytes",
    "python tests/slack/measure_slack.py": "measures this machine for a minute",
    "python tests/slack/draw_blocks.py": "tests/slack/test_slack_blocks.py",
    "python tests/take_picture.py": "tests/test_browser.py",
    "npx @modelcontextprotocol/inspector": "tests/test_mcp_served.py",
}


def other_commands_in(text):
    """What a shell is given besides `hms …`."""
    blocks = "&&".join(line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines())
    spans = "&&".join(re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))
    for found in f"{blocks}&&{spans}".split("&&"):
        command = re.sub(r"^(\w+=\S+ )+", "", found.strip())
        if re.match(r"(\S*/)?(python3?|pip|pip-audit|cyclonedx-py|npx|npm|docker|psql|curl)\s", f"{command} "):
            yield command


def test_what_the_readmes_have_of_other_programs_is_run_or_said_why_not():
    given = [(file.name, one) for file in READMES for one in other_commands_in(file.read_text(encoding="utf-8"))]
    assert [one for one in given if not one[1].startswith(tuple(OTHER_PROGRAMS))] == []
    for command, where in OTHER_PROGRAMS.items():
        script = re.search(r"tests/\S+\.py", command)
        assert not script or (ROOT / script[0]).exists(), command
        if where.startswith(("tests/", ".ci/")):
            assert command.split("/")[-1].split(".")[0] in (ROOT / where).read_text(encoding="utf-8"), command


def filled_in(words, answer, folder):
    """A command of a README with something in the place of what a reader fills in."""
    given = " ".join(words).partition(" #")[0].replace("$(date +%F)", "today").replace("/backup/", f"{folder}/")
    given = re.sub(r"\bID\b", answer, given).replace("FILE", f"{folder}/backup.sqlite").replace("COMMAND", "ask")
    given = given.replace("--app-id …", f"--app-id {uuid4()}").replace("package … --copilot", "package --copilot")
    if "--copilot" in given:
        given += f" --app-id {uuid4()} --url https://hms.example.no --developer me"
    if given.endswith("manifest --agent"):
        given += " --socket"
    return shlex.split(given.replace("…", "hvem leder AMU"))


def test_the_commands_of_the_readmes_run_as_written(hms, assistant, index_file, tmp_path, monkeypatch):
    store = tmp_path / "store.sqlite"
    monkeypatch.setenv("HMS_STORE_FILE", str(store))
    monkeypatch.setenv("HMS_INDEX_FILE", str(index_file))
    monkeypatch.chdir(tmp_path)
    database = SQLiteDatabase(store)
    migrate(database)
    context = RequestContext(new_id(), time.time(), "web", "", "", "Hva er AMU?", Profile())
    answer, reply, traces = assistant.explain(Question("Hva er AMU?"))
    keep_all(database, [stored(context, answer, reply, traces, read_build_version(assistant.library))])
    database.close()
    seen, failed = set(), []
    for file in READMES:
        for _, words in commands_in(file.read_text(encoding="utf-8")):
            command = " ".join(word for word in words[:2] if word.isalpha() or word == "store") or words[0]
            if any(command.startswith(name) for name in RUN_ELSEWHERE) or words[0] in RUN_ELSEWHERE:
                continue
            given = tuple(filled_in(words, context.id, tmp_path))
            if given not in seen and given not in MENTIONED:
                seen.add(given)
                done = hms(*given, stdin='{"q": "Hva er AMU?"}\n')
                if done.exit_code != 0:
                    failed.append((file.name, given, done.exit_code, done.output[-300:]))
    assert failed == []
    assert len(seen) > 25
    for name, file in RUN_ELSEWHERE.items():
        assert not file or name.split()[-1] in (ROOT / file).read_text(encoding="utf-8")


def test_the_readme_is_short_and_its_links_lead_somewhere():
    assert len(READMES[0].read_bytes()) <= 8_000
    links = [
        (file, link) for file in READMES for link in re.findall(r"\]\(([^)#\s]+)", file.read_text(encoding="utf-8"))
    ]
    assert [(f, to) for f, to in links if not to.startswith("http") and not (f.parent / to).exists()] == []


def test_the_changelog_tells_of_this_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
