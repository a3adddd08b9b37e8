"""What is in .deploy fits the program: its settings exist, its linters are content, and nginx leads to the server."""

import configparser
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest
import yaml
from lock_images import FILES as WITH_IMAGES
from lock_images import IMAGE, by_tag_alone, hold
from lock_versions import FILES, pins_of
from nginx import nginx_before
from psycopg.conninfo import conninfo_to_dict

from bot.messaging.queue import DRAIN
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".deploy"
GRACE = 10  # seconds that `hms serve` gives requests in flight
NEEDED = {"HMS_SECRET": "s" * 40, "HMS_PUBLIC_URL": "https://hms.example", "POSTGRES_PASSWORD": "p"}


def read(name):
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture
def compose():
    return yaml.safe_load(read("compose.yaml"))


@pytest.fixture
def unit():
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read_string(read("hms-bot.service"))
    return parser


def test_nothing_names_a_machine_or_another_host():
    for file in FOLDER.iterdir():
        text = file.read_text(encoding="utf-8")
        assert {urlparse(url).hostname for url in re.findall(r"https?://[^\s'\"$;]+", text)} <= {"127.0.0.1"}, file.name
        assert not re.search(r"/(work|home|root|Users)/", text), file.name
        assert "--index-url" not in text


def test_every_setting_that_is_given_is_one():
    names = {name.upper() for name in Settings.model_fields}
    for file in FOLDER.iterdir():
        assert set(re.findall(r"\bHMS_([A-Z_]+)", file.read_text(encoding="utf-8"))) <= names, file.name


def test_the_settings_of_the_replicas_are_valid_and_lead_to_the_database(compose):
    given = compose["services"]["bot"]["environment"]
    filled = {name: re.sub(r"\$\{(\w+)[^}]*\}", lambda m: NEEDED[m[1]], value) for name, value in given.items()}
    settings = Settings(_env_file=None, **{name.removeprefix("HMS_").lower(): value for name, value in filled.items()})
    assert conninfo_to_dict(settings.database_url.get_secret_value()) == {
        "host": "database", "dbname": "hms", "user": "hms", "password": "p",
    }  # fmt: skip
    assert (settings.host, settings.port, settings.trust_proxy) == ("0.0.0.0", 8080, True)


def test_containers_can_write_nothing_are_not_root_and_say_whether_they_are_well(compose):
    services = compose["services"]
    for name in ("bot", "proxy"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
    assert all("healthcheck" in service for service in services.values())
    assert services["bot"]["deploy"]["replicas"] == 2
    assert compose["networks"]["inside"] == {"internal": True}
    assert services["database"]["networks"] == ["inside"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    last_stage = read("Dockerfile").split("\nFROM ")[-1]
    assert re.search(r"^USER 10001$", last_stage, re.MULTILINE)
    assert "pip" not in last_stage


def test_the_image_holds_every_package_and_every_channel():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = set(re.findall(r"^COPY (\w+) \w+$", read("Dockerfile"), re.MULTILINE))
    allowed = set(re.findall(r"^!(\w+)$", read("Dockerfile.dockerignore"), re.MULTILINE))
    assert (copied, allowed - {"LICENSE"}) == (packages, packages)
    # All that they need is there by its hash, so that nothing else is fetched to build it.
    assert "pip install --no-cache-dir --no-deps --no-build-isolation ." in read("Dockerfile")
    assert {"slack", "teams", "mcp", "postgres"} == set(FILES["constraints.txt"])
    assert "setuptools" in pins_of(read("constraints.txt"))


def test_every_image_has_a_tag_and_can_be_held_by_its_digest():
    """Those that a registry has not been asked for yet are named as a warning; what holds them holds them all."""
    digests = {}
    for file in WITH_IMAGES:
        text = read(file)
        named = [found for found in re.findall(r"^(?:FROM |\s+image: )(\S+)", text, re.MULTILINE) if found != "hms-bot"]
        assert [found["image"] for found in IMAGE.finditer(text)] == [name.split("@")[0] for name in named]
        assert not any(name.endswith(":latest") for name in named)
        held = hold(text, lambda image: digests.setdefault(image, f"sha256:{len(digests):064x}"))
        assert by_tag_alone(held) == []
        assert hold(held, digests.__getitem__) == held
        if left := by_tag_alone(text):
            warnings.warn(f"{file}: held by tag alone: {', '.join(sorted(set(left)))}", stacklevel=1)
    assert len(digests) == 3


def test_the_server_is_given_the_time_it_needs_to_stop(compose, unit):
    assert int(unit["Service"]["TimeoutStopSec"]) > GRACE + DRAIN
    assert int(compose["services"]["bot"]["stop_grace_period"].removesuffix("s")) > GRACE + DRAIN


def test_the_unit_runs_the_server_as_nobody_in_particular(unit):
    service = unit["Service"]
    assert set(unit) == {"DEFAULT", "Unit", "Service", "Install"}
    assert service["ExecStart"].endswith("/hms serve")
    assert service["User"] not in {"", "root"}
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["UMask"]) == ("strict", "yes", "0077")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_finds_no_fault_in_the_unit(tmp_path):
    file = tmp_path / "hms-bot.service"
    # The program is where it is on this machine: that it is there is checked too.
    file.write_text(
        re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", read("hms-bot.service"), flags=re.MULTILINE)
    )
    found = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)
    assert (found.returncode, [line for line in found.stderr.splitlines() if file.name in line]) == (0, [])


@pytest.fixture
def nginx(address, tmp_path):
    with nginx_before(address, tmp_path) as found:
        yield found


def test_nginx_leads_to_the_server_keeps_figures_inside_and_logs_no_question(nginx):
    url, log = nginx
    page = httpx.get(url, params={"q": "Hvem vedtar HMS-politikken?"})
    assert (page.status_code, "Rektor vedtar HMS-politikken." in page.text) == (200, True)
    answer = httpx.post(f"{url}/api/ask", json={"q": "Hvem vedtar HMS-politikken?"})
    assert answer.json()["outcome"] == "answered"
    assert httpx.get(f"{url}/metrics").status_code == 404
    assert httpx.get(f"{url}/readyz").text == "ok"
    assert "vedtar" not in log.read_text()
