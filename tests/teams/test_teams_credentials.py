"""What the app proves itself to Microsoft with: a secret, a certificate, or somebody who vouches for it."""

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import jwt
import pytest
import requests
from bot_connector import APP
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from login import TENANT_ID, TOKEN, VOUCHER, Login
from microsoft_teams.api.auth.cloud_environment import PUBLIC
from pydantic import SecretStr, ValidationError
from teams_server import TEAMS, Running

from bot.messaging.services import SettingFault
from bot.settings import Settings
from bot.teams.connector import why_refused
from bot.teams.credentials import app_tokens, read_certificate

MACHINE = "99999999-8888-7777-6666-555555555555"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def certified(key, days=90):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hms-bot")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=400))
    return builder.not_valid_after(now + timedelta(days=days)).sign(KEY, hashes.SHA256())


@pytest.fixture
def login(monkeypatch):
    made = Login()
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", made.send)
    return made


@pytest.fixture
def file(tmp_path):
    made = tmp_path / "app.pem"
    made.write_bytes(certified(KEY).public_bytes(Encoding.PEM) + pem(KEY))
    return made


def token(**given):
    settings = Settings(_env_file=None, teams_app_id=APP, teams_home_tenant=TENANT_ID, **given)
    certificate = read_certificate(settings.teams_certificate) if settings.teams_certificate else None
    return asyncio.run(app_tokens(settings, PUBLIC, certificate).get_app_token(PUBLIC.bot_scope, None))


def test_a_secret_proves_the_app(login):
    login.secret = "the value"
    assert token(teams_app_password=SecretStr("the value")) == TOKEN
    with pytest.raises(ValueError, match="AADSTS7000215"):
        token(teams_app_password=SecretStr("another"))


def test_a_certificate_proves_the_app_by_a_signature(login, file):
    login.certificate = certified(KEY)
    assert token(teams_certificate=file) == TOKEN
    login.certificate = certified(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(jwt.InvalidSignatureError):  # the login's own, which checks it
        token(teams_certificate=file)


def test_a_managed_identity_is_the_app_itself_and_asks_no_login(login):
    login.identity = APP
    assert token(teams_managed_identity=True) == TOKEN
    assert set(login.hosts) == {"169.254.169.254"}


@pytest.mark.parametrize(("federated", "identity"), [("system", "system"), (MACHINE, MACHINE)])
def test_a_managed_identity_vouches_for_the_app(login, federated, identity):
    login.identity = identity
    assert token(teams_federated=federated) == TOKEN
    login.identity = "another"
    with pytest.raises(ValueError, match="Identity not found"):
        token(teams_federated=federated)


def test_a_token_that_the_platform_writes_to_a_file_vouches_for_the_app(login, tmp_path):
    written = tmp_path / "token"
    with pytest.raises(ValueError, match="HMS_TEAMS_FEDERATED"):
        token(teams_federated=str(written))
    written.write_text(f"{VOUCHER}\n")
    assert token(teams_federated=str(written)) == TOKEN
    assert login.hosts


def test_a_token_is_kept_until_it_ends(login):
    login.secret = "s"
    settings = Settings(_env_file=None, teams_app_id=APP, teams_home_tenant=TENANT_ID, teams_app_password="s")
    tokens = app_tokens(settings, PUBLIC, None)
    asyncio.run(tokens.get_app_token(PUBLIC.bot_scope, None))
    asked = len(login.hosts)
    asyncio.run(tokens.get_app_token(PUBLIC.bot_scope, None))
    assert (asked > 0, len(login.hosts)) == (True, asked)


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("AADSTS7000222", "HMS_TEAMS_APP_PASSWORD has expired"),
        ("AADSTS700016", "HMS_TEAMS_APP_ID"),
        ("AADSTS700027", "HMS_TEAMS_CERTIFICATE"),
        ("AADSTS700213", "HMS_TEAMS_FEDERATED"),
        ("AADSTS1", "what the app proves itself with"),
    ],
)
def test_why_microsoft_refuses_is_told_by_the_setting(login, code, named):
    login.refuses = code
    with pytest.raises(ValueError, match=code) as caught:
        token(teams_app_password=SecretStr("s"))
    assert named in why_refused(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"nonsense", "no private key"),
        (pem(KEY), "no certificate as PEM"),
        (certified(KEY).public_bytes(Encoding.PEM), "no private key"),
        (certified(KEY).public_bytes(Encoding.PEM) + pem(KEY, BestAvailableEncryption(b"p")), "is encrypted"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
        (certified(rsa.generate_private_key(65537, 2048)).public_bytes(Encoding.PEM) + pem(KEY), "belongs to its key"),
    ],
    ids=["missing", "nonsense", "key alone", "certificate alone", "encrypted", "elliptic", "another's"],
)
def test_a_file_that_is_no_certificate_with_its_key_is_named(tmp_path, content, said):
    file = tmp_path / "app.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingFault, match=f"HMS_TEAMS_CERTIFICATE: .*{said}"):
        read_certificate(file)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "HMS_TEAMS_APP_PASSWORD or HMS_TEAMS_CERTIFICATE"),
        ({"teams_managed_identity": "false"}, "HMS_TEAMS_MANAGED_IDENTITY"),
        ({"teams_app_password": "p", "teams_federated": "system"}, "HMS_TEAMS_APP_PASSWORD and HMS_TEAMS_FEDERATED"),
        ({"teams_federated": "my-identity"}, "nor a client id"),
        ({"teams_certificate": "/x.pem", "teams_secret_expires": "2027-05-31"}, "HMS_TEAMS_APP_PASSWORD"),
        ({"teams_app_password": "p", "teams_secret_expires": "31.05.2027"}, "date"),
    ],
)
def test_settings_that_do_not_go_together_are_named(given, said):
    with pytest.raises(ValidationError, match=said):
        Settings(_env_file=None, teams_app_id=APP, **given)


def test_another_credential_needs_the_app():
    with pytest.raises(ValidationError, match="HMS_TEAMS_APP_ID"):
        Settings(_env_file=None, teams_managed_identity=True)


@pytest.mark.parametrize(
    ("days", "said"), [(31, None), (30, "credential expires soon"), (0, "credential expires soon"), (-1, "has expired")]
)
def test_a_secret_that_expires_is_told_in_time(settings, assistant, connector, tmp_path, capsys, days, said):
    day = date.today() + timedelta(days=days)
    own = settings.model_copy(update={"store_file": tmp_path / "store.sqlite", **TEAMS, "teams_secret_expires": day})
    running = Running(own, assistant, connector)
    figures = running.client.get("/metrics").text
    running.stop()
    shown = next(line for line in figures.splitlines() if line.startswith("hms_credential_expires"))
    assert 'channel="teams"' in shown
    assert abs(float(shown.split()[1]) - (time.time() + days * 86_400)) < 86_400 * 1.5
    log = capsys.readouterr().out
    assert ("credential" in log) == (said is not None)
    if said:
        assert said in log
        assert "HMS_TEAMS_APP_PASSWORD" in log
        assert str(day) in log


def test_a_certificate_tells_itself_when_it_expires(settings, assistant, connector, tmp_path, capsys):
    file = tmp_path / "app.pem"
    file.write_bytes(pem(KEY) + certified(KEY, days=20).public_bytes(Encoding.PEM))
    own = settings.model_copy(
        update={
            "store_file": tmp_path / "store.sqlite", **TEAMS, "teams_app_password": SecretStr(""),
            "teams_certificate": file,
        }
    )  # fmt: skip
    Running(own, assistant, connector).stop()
    log = capsys.readouterr().out
    assert "credential expires soon" in log
    assert "HMS_TEAMS_CERTIFICATE" in log


def test_an_expired_secret_keeps_nobody_from_starting(settings, assistant, connector, login, tmp_path):
    """As Microsoft says it to the real library, whose own words are `invalid_client`."""
    login.refuses = "AADSTS7000222"
    own = settings.model_copy(update={"store_file": tmp_path / "store.sqlite", **TEAMS, "teams_home_tenant": TENANT_ID})
    tokens = app_tokens(own, connector.cloud, None)
    running = Running(own, assistant, connector, tokens)
    ready = running.client.get("/readyz")
    running.stop()
    assert ready.status_code == 200
    assert "the secret in HMS_TEAMS_APP_PASSWORD has expired (AADSTS7000222)" in ready.text
