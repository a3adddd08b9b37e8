"""The API keeps to its OpenAPI description: schemathesis asks the real server whatever fits it, and what does not."""

import json

import hypothesis
import schemathesis

from bot.web.api import OPENAPI

schema = schemathesis.openapi.from_dict(json.loads(OPENAPI.read_text(encoding="utf-8")))


@schema.parametrize()
@hypothesis.settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)
def test_the_api_keeps_to_its_description(address, case):
    case.call_and_validate(base_url=address)
