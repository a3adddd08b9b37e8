"""The app's zip is what Teams takes, by Microsoft's own schemas."""

import io
import json
import struct
import zipfile

import jsonschema
import pytest
from npm import install
from typer.testing import CliRunner

from bot.cli import app
from bot.suggestion import EXAMPLES
from bot.teams.activity import COMMANDS, command_in
from bot.teams.package import VERSION
from bot.wording import read_wordings
from corpus.library import read_library

APP = "00000000-0000-0000-0000-000000000001"
ARGUMENTS = ["teams", "package", "--app-id", APP, "--url", "https://hms.example", "--developer", "Kunden"]


@pytest.fixture(scope="module", params=[[], ["--copilot"]], ids=["teams", "copilot"])
def archive(tmp_path_factory, request):
    return build(tmp_path_factory, *request.param)


def build(tmp_path_factory, *more):
    file = tmp_path_factory.mktemp("package") / "app.zip"
    done = CliRunner().invoke(app, [*ARGUMENTS, *more, "--out", str(file)])
    assert done.exit_code == 0, done.output
    return zipfile.ZipFile(io.BytesIO(file.read_bytes()))


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    packages = install(tmp_path_factory.mktemp("npm"), "@microsoft/app-manifest@1")
    return packages / "@microsoft/app-manifest/build/json-schemas/teams" / f"v{VERSION}"


def test_the_manifest_and_its_languages_are_valid(archive, schemas):
    manifest = json.loads(archive.read("manifest.json"))
    files = {"manifest.json": "MicrosoftTeams.schema.json"}
    for language in manifest["localizationInfo"]["additionalLanguages"]:
        files[language["file"]] = "MicrosoftTeams.Localization.schema.json"
    assert list(files) == ["manifest.json", "nn.json", "en.json"]
    for name, schema in files.items():
        checker = jsonschema.Draft4Validator(json.loads((schemas / schema).read_text(encoding="utf-8")))
        faults = [(list(fault.path), fault.message) for fault in checker.iter_errors(json.loads(archive.read(name)))]
        assert (name, faults) == (name, [])


def test_every_language_says_all_that_the_manifest_does(archive):
    manifest = json.loads(archive.read("manifest.json"))
    said = {}
    for place, commands in enumerate(manifest["bots"][0]["commandLists"]):
        for number, command in enumerate(commands["commands"]):
            where = f"bots[0].commandLists[{place}].commands[{number}]"
            said |= {f"{where}.{key}": text for key, text in command.items() if key != "type"}
    for number, command in enumerate(manifest["composeExtensions"][0]["commands"]):
        where = f"composeExtensions[0].commands[{number}]"
        said |= {f"{where}.{key}": command[key] for key in ("title", "description")}
        for place, parameter in enumerate(command.get("parameters", [])):
            said |= {f"{where}.parameters[{place}].{key}": parameter[key] for key in ("title", "description")}
    for number, agent in enumerate(manifest.get("copilotAgents", {}).get("customEngineAgents", [])):
        said[f"copilotAgents.customEngineAgents[{number}].disclaimer.text"] = agent["disclaimer"]["text"]
    for file in ("nn.json", "en.json"):
        translated = json.loads(archive.read(file))
        assert {key for key in translated if "[" in key} == set(said)


def test_in_copilot_the_same_bot_is_a_custom_engine_agent_with_its_questions_to_begin_with(tmp_path_factory):
    plain, agent = (json.loads(build(tmp_path_factory, *more).read("manifest.json")) for more in ([], ["--copilot"]))
    assert "copilotAgents" not in plain and "copilot" not in json.dumps(plain["bots"])
    [engine] = agent["copilotAgents"]["customEngineAgents"]
    [bot] = agent["bots"]
    assert (engine["id"], engine["type"]) == (bot["botId"], "bot")
    assert {"personal", "copilot"} <= set(bot["scopes"])
    [offered] = [made["commands"] for made in bot["commandLists"] if "copilot" in made["scopes"]]
    assert [command["title"] for command in offered] == [read_wordings(read_library())["nb"][key] for key in EXAMPLES]
    assert [(command["type"], command["prompt"]) for command in offered] == [("prompt", c["title"]) for c in offered]
    assert {key: made for key, made in agent.items() if key not in {"bots", "copilotAgents"}} == {
        key: made for key, made in plain.items() if key != "bots"
    }


def test_the_icons_are_of_the_sizes_that_teams_wants(archive):
    for name, size in (("color.png", 192), ("outline.png", 32)):
        picture = archive.read(name)
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", picture[16:24]) == (size, size)
    assert archive.namelist() == ["manifest.json", "nn.json", "en.json", "color.png", "outline.png"]


def test_every_command_of_the_manifest_is_understood(archive):
    wordings = read_wordings(read_library())
    for language, file in (("nb", None), ("nn", "nn.json"), ("en", "en.json")):
        titles = [wordings[language][f"teams.command.{command}"] for command in COMMANDS]
        assert [command_in(title, wordings) for title in titles] == list(COMMANDS)
        said = archive.read(file or "manifest.json").decode()
        assert all(json.dumps(title, ensure_ascii=False) in said for title in titles)


def test_the_privacy_address_leads_to_what_the_bot_says_of_privacy(tmp_path_factory):
    manifest = json.loads(build(tmp_path_factory).read("manifest.json"))
    assert manifest["developer"]["privacyUrl"] == "https://hms.example/about#privacy"
    own = json.loads(build(tmp_path_factory, "--privacy-url", "https://own.example/p").read("manifest.json"))
    assert own["developer"]["privacyUrl"] == "https://own.example/p"


def test_the_version_can_be_raised_since_teams_takes_no_app_twice(tmp_path_factory):
    assert json.loads(build(tmp_path_factory, "--version", "1.2.3").read("manifest.json"))["version"] == "1.2.3"


@pytest.mark.parametrize(
    "wrong",
    [
        ["--app-id", "no uuid"],
        ["--url", "http://hms.example"],
        ["--privacy-url", "privacy"],
        ["--developer", ""],
        ["--developer", "x" * 33],
        ["--version", "1.0"],
        ["--version", "next"],
    ],
)
def test_what_teams_would_not_take_is_refused_with_its_name(tmp_path, wrong):
    done = CliRunner().invoke(app, [*ARGUMENTS, "--out", str(tmp_path / "app.zip"), *wrong], env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert wrong[0] in done.output
    assert not list(tmp_path.iterdir())
