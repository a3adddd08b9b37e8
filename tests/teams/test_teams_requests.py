"""Who may speak to the bot in Teams, and what is refused."""

import time

import pytest
from bot_connector import APP, Key, Person, buttons
from teams_server import answered

from bot.channels import Disabled
from bot.messaging.services import SettingFault
from bot.server import build_services, open_database
from bot.teams.adapter import teams_adapter

TAMPERED = {
    "an invoke that nobody knows": ("nobody/knows", {}),
    "a sign-in": ("signin/verifyState", {"state": "1"}),
    "a button without data": ("adaptiveCard/action", {"action": {"type": "Action.Execute"}}),
    "a button of nothing": ("adaptiveCard/action", None),
    "a button that is none of ours": ("adaptiveCard/action", {"action": {"data": {"action": "rm -rf"}}}),
    "a choice without a question": ("adaptiveCard/action", {"action": {"data": {"action": "choose", "answer": "1"}}}),
    "a choice of a number": ("adaptiveCard/action", {"action": {"data": {"action": "choose", "question": 7}}}),
    "a card that is none of ours": ("adaptiveCard/action", {"action": {"data": {"action": "show", "card": "x"}}}),
    "feedback of nothing": ("message/submitAction", {}),
    "feedback of another kind": ("message/submitAction", {"actionValue": {"reaction": ["like"]}}),
    "a search of nothing": ("composeExtension/query", {"parameters": 3}),
}


@pytest.mark.parametrize("fault", TAMPERED)
def test_what_was_tampered_with_is_refused(server, connector, person, fault):
    name, value = TAMPERED[fault]
    response = server.post(connector, person.invoke(name, value))
    assert response.status_code == 400
    assert response.json()["error"]


def test_a_made_up_answer_in_a_button_is_no_way_to_another_s_questions(ask, server, connector, person):
    (message,) = ask("Gjelder arbeidsmiljøloven for meg på lab?")
    choice, stranger = buttons(message)["Arbeidet er ikke farlig"], Person(connector, f"stranger-to-{person.name}")
    response = server.post(connector, stranger.press(choice, "1"))
    assert response.json()["value"].startswith("Svaret er ikke lagret lenger.")
    server.settle()
    assert stranger.chat not in connector.messages


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"type": "message"}', 401),  # no service URL, so none that the token is for
        (b"[" * 100_000, 400),
        (b'{"a": ' + b"1" * 5_000 + b"}", 400),
        (b'{"x": "' + b"y" * 1_100_000 + b'"}', 413),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(server, connector, body, status):
    headers = {"Authorization": f"Bearer {connector.token()}"}
    assert server.client.post("/api/messages", content=body, headers=headers).status_code == status


def test_an_activity_without_what_all_have_is_refused(server, connector, person):
    for missing in ("from", "conversation", "recipient", "id"):
        activity = {name: value for name, value in person.message("Hva er AMU?").items() if name != missing}
        assert server.post(connector, activity).status_code == 400
        assert server.post(connector, {**activity, missing: 3}).status_code == 400


FORGED = {
    "none": lambda connector: None,
    "garbage": lambda connector: "abc.def.ghi",
    "wrong audience": lambda connector: connector.token(aud="another-app"),
    "no audience": lambda connector: connector.token(aud=None),
    "wrong issuer": lambda connector: connector.token(iss="https://sts.windows.net/x/"),
    "no issuer": lambda connector: connector.token(iss=None),
    "wrong key": lambda connector: connector.token(key=Key("first")),
    "unknown key": lambda connector: connector.token(key=Key("unknown")),
    "key without a name": lambda connector: connector.token(headers={"kid": ""}),
    "expired": lambda connector: connector.token(exp=int(time.time()) - 3600),
    "never expires": lambda connector: connector.token(exp=None),
    "from the future": lambda connector: connector.token(nbf=int(time.time()) + 3600),
    "another service": lambda connector: connector.token(serviceurl="https://evil.example/teams"),
    "no service": lambda connector: connector.token(serviceurl=None),
    "a service that is a number": lambda connector: connector.token(serviceurl=7),
    "shared secret": lambda connector: connector.token(algorithm="HS256", secret="x" * 40),
    "unsigned": lambda connector: connector.token(algorithm="none"),
}


@pytest.mark.parametrize("fault", FORGED)
def test_who_is_not_the_bot_connector_is_refused_without_a_trace(server, connector, person, fault):
    token, calls = FORGED[fault](connector), len(connector.calls)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = server.client.post("/api/messages", json=person.message("Hva er AMU?"), headers=headers)
    assert response.status_code == 401
    server.settle()
    assert len(connector.calls) == calls
    assert answered(server, person) == []


def test_a_stranger_s_body_is_not_even_read(server):
    for body in (b"\xff", b"{", b"[" * 1000, b"x" * 2_000_000):
        assert server.client.post("/api/messages", content=body).status_code == 401
    for scheme in ("Basic abc", "Bearer", "bearer", ""):
        response = server.client.post("/api/messages", content=b"{}", headers={"Authorization": scheme})
        assert response.status_code == 401


@pytest.mark.parametrize("tenant", ["another", "", None])
def test_a_tenant_that_is_not_listed_is_refused(server, connector, person, tenant):
    activity = person.message("Hva er AMU?")
    activity["conversation"]["tenantId"] = activity["channelData"]["tenant"]["id"] = tenant
    assert server.post(connector, activity).status_code == 403


def test_a_tenant_that_is_refused_is_named_so_that_somebody_can_let_it_in(server, connector, person, capsys):
    activity = person.message("Hva er AMU?")
    activity["conversation"]["tenantId"] = "12345678-0000-0000-0000-00000000000A"
    server.post(connector, activity)
    logged = capsys.readouterr().out
    assert "'12345678-0000-0000-0000-00000000000a' is not in HMS_TEAMS_TENANTS" in logged
    assert "AMU" not in logged


def test_a_listed_tenant_does_not_vouch_for_another(server, connector, person):
    activity = person.message("Hva er AMU?")
    activity["channelData"]["tenant"]["id"] = "another"
    assert server.post(connector, activity).status_code == 403


def test_a_list_of_no_tenants_admits_none(run, connector, person):
    server = run(teams_tenants="")
    assert server.post(connector, person.message("Hva er AMU?")).status_code == 403


def test_teams_is_no_client_that_is_asked_to_wait(server, connector, person):
    """The limit of this server is three requests a minute."""
    statuses = {server.post(connector, person.activity("typing")).status_code for _ in range(10)}
    assert statuses == {200}


def _services(assistant, settings, tmp_path, **changed):
    own = settings.model_copy(update={"store_file": tmp_path / "store.sqlite", "teams_app_id": APP, **changed})
    return build_services(own, assistant, open_database(own))


def test_it_does_not_start_without_authentication(assistant, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("CLIENT_ID", "ambient")
    monkeypatch.setenv("CLIENT_SECRET", "ambient")
    with pytest.raises(SettingFault, match="HMS_TEAMS_APP_PASSWORD"):
        teams_adapter(_services(assistant, settings, tmp_path))
    with pytest.raises(SettingFault, match="HMS_TEAMS_INSECURE"):
        teams_adapter(_services(assistant, settings, tmp_path, teams_insecure=True, host="0.0.0.0"))


def test_without_authentication_it_says_so_and_signs_nothing(assistant, settings, tmp_path):
    adapters = teams_adapter(_services(assistant, settings, tmp_path, teams_insecure=True, teams_tenants="a"))
    assert not isinstance(adapters, Disabled)
    assert adapters.describe() == "/api/messages, tenants: 1; WITHOUT AUTHENTICATION (HMS_TEAMS_INSECURE)"


def test_in_development_anybody_on_this_machine_may_ask_and_no_token_is_sent(run, connector, person):
    server = run(teams_insecure=True)
    assert server.client.post("/api/messages", json=person.message("Hva er AMU?")).status_code == 200
    server.settle()
    assert len(connector.messages[person.chat]) == 1
    assert connector.calls[-1][2] is None


def test_that_no_tenant_may_use_it_is_said_at_the_start(assistant, settings, tmp_path):
    password = type(settings.secret)("a password")
    adapters = teams_adapter(_services(assistant, settings, tmp_path, teams_app_password=password))
    assert adapters.describe() == "/api/messages, HMS_TEAMS_TENANTS is empty: nobody may use it"
