"""Tokens are checked by keys that may be away, or change."""

import asyncio

import httpx
import pytest
from bot_connector import APP, Key

from bot.teams.endpoint import LIFETIME, PAUSE, Authenticator, Caller, KeysUnavailable, Unauthenticated


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


def _checks(connector, clock, answer, *tokens_and_waits):
    """What a row of tokens comes to; a number between them lets so many seconds pass."""

    async def check_all():
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            authenticator, found = Authenticator(APP, connector.cloud, client, clock), []
            for step in tokens_and_waits:
                if isinstance(step, float):
                    clock.now += step
                    continue
                try:
                    found.append(await authenticator.check(step))
                except (Unauthenticated, KeysUnavailable) as error:
                    found.append(type(error))
            return found

    return asyncio.run(check_all())


def _microsoft(connector, state):
    """Answers as the key server; `state["away"]` breaks it, `state["calls"]` counts."""

    def answer(request):
        state["calls"] += 1
        if state["away"] in (True, state["calls"]):
            raise httpx.ConnectError("away")
        if request.url.path.endswith("openidconfiguration"):
            return httpx.Response(200, json={"jwks_uri": f"{connector.url}/keys"})
        return httpx.Response(200, json={"keys": [*state["keys"], {"kty": "EC"}, {"kid": "no key"}]})

    return answer


def test_what_a_token_vouches_for_is_told(connector):
    state = {"away": False, "calls": 0, "keys": [connector.keys[0].public()]}
    found = _checks(connector, Clock(), _microsoft(connector, state), connector.token())
    assert found == [Caller(connector.service, frozenset({"msteams"}))]


def test_without_keys_nothing_can_be_checked_and_it_is_not_asked_all_the_time(connector):
    state = {"away": True, "calls": 0, "keys": [connector.keys[0].public()]}
    token = connector.token()
    assert (
        _checks(connector, Clock(), _microsoft(connector, state), token, token, PAUSE, token) == [KeysUnavailable] * 3
    )
    assert state["calls"] == 2


@pytest.mark.parametrize(
    "said",
    [b"no JSON", b"[]", b"{}", b'{"jwks_uri": 3}', b'{"jwks_uri": "http://x/", "keys": [3]}', b'{"jwks_uri": "x"}'],
)
def test_nonsense_instead_of_keys_is_as_good_as_none(connector, said):
    found = _checks(connector, Clock(), lambda request: httpx.Response(200, content=said), connector.token())
    assert found == [KeysUnavailable]


def test_old_keys_serve_while_new_ones_cannot_be_fetched(connector):
    state = {"away": False, "calls": 0, "keys": [connector.keys[0].public()]}
    answer, token = _microsoft(connector, state), connector.token(exp=4_000_000_000)

    def breaking(request):
        state["away"] = state["calls"] >= 2
        return answer(request)

    found = _checks(connector, Clock(), breaking, token, LIFETIME, token)
    assert found == [Caller(connector.service, frozenset({"msteams"}))] * 2


def test_a_key_that_is_withdrawn_is_not_believed_after_a_day(connector):
    old, new = connector.keys[0], Key("second")
    state = {"away": False, "calls": 0, "keys": [old.public()]}
    answer, token = _microsoft(connector, state), connector.token(exp=4_000_000_000)

    def changing(request):
        state["keys"] = [old.public()] if state["calls"] < 2 else [new.public()]
        return answer(request)

    found = _checks(connector, Clock(), changing, token, LIFETIME, token)
    assert found == [Caller(connector.service, frozenset({"msteams"})), Unauthenticated]
