"""A signature is believed for the service and the channels that its key vouches for, and for no others."""

import pytest

from bot.teams.endpoint import Caller, Endpoint
from bot.teams.request import Refusal

SERVICE = "https://smba.example/emea/"


def vouch(channels, **body):
    endpoint = Endpoint(None, frozenset(), None)
    endpoint._vouch(Caller(SERVICE, frozenset(channels)), {"serviceUrl": SERVICE, "channelId": "msteams", **body})


def test_a_key_vouches_for_its_channels_and_without_any_for_all():
    vouch({"msteams"})
    vouch(())


@pytest.mark.parametrize(
    "body", [{"channelId": "webchat"}, {"channelId": None}, {"serviceUrl": "https://evil.example/"}]
)
def test_what_a_key_does_not_vouch_for_is_refused(body):
    with pytest.raises(Refusal) as refused:
        vouch({"msteams"}, **body)
    assert refused.value.status == 401
