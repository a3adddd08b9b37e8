"""Microsoft's sign-in and a machine's managed identity, as far as an app gets tokens from them. MSAL talks to it as to
the real ones: only what carries its requests is another."""

import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import requests
from bot_connector import APP, TOKEN

TENANT_ID = "11111111-2222-3333-4444-555555555555"
BASE = f"https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0"
EXCHANGE, BOT = "api://AzureADTokenExchange", "https://api.botframework.com"
VOUCHER = "the machine's own word"


class Login:
    """Knows one secret, one certificate and one voucher. `refuses` is what it says instead, as code and words."""

    def __init__(self, secret="", certificate=None, identity=""):
        self.secret, self.certificate, self.identity = secret, certificate, identity
        self.refuses = None
        self.hosts = []

    def send(self, request, **options):  # in the place of HTTPAdapter.send
        assert options.get("timeout"), request.url
        at = urlsplit(request.url)
        self.hosts.append(at.hostname)
        if at.hostname == "169.254.169.254":
            status, said = self._machine(dict(parse_qsl(at.query)))
        elif at.path.endswith("/discovery/instance"):
            status, said = 200, {"tenant_discovery_endpoint": f"{BASE}/openid-configuration", "metadata": []}
        elif at.path.endswith("openid-configuration"):
            status, said = 200, {
                "authorization_endpoint": f"{BASE}/authorize", "token_endpoint": f"{BASE}/token",
                "issuer": f"https://login.microsoftonline.com/{TENANT_ID}/v2.0",
            }  # fmt: skip
        else:
            status, said = self._token({name: values[0] for name, values in parse_qs(request.body).items()})
        response = requests.Response()
        response.status_code, response._content, response.request = status, json.dumps(said).encode(), request
        response.headers["Content-Type"], response.url = "application/json", request.url
        return response

    def _machine(self, query):
        if query.get("client_id", "system") != self.identity:
            return 400, {"error": "invalid_request", "error_description": "Identity not found"}
        token = {EXCHANGE: VOUCHER, BOT: TOKEN}[query["resource"]]
        return 200, {"access_token": token, "expires_in": "3600", "resource": query["resource"]}

    def _token(self, form):
        if self.refuses:
            return 401, {"error": "invalid_client", "error_description": f"{self.refuses}: refused."}
        assert (form["client_id"], form["grant_type"]) == (APP, "client_credentials")
        assert form["scope"] == f"{BOT}/.default"
        if not self._proven(form):
            return 401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
        return 200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}

    def _proven(self, form):
        if "client_secret" in form:
            return form["client_secret"] == self.secret
        if self.certificate is None:
            return form["client_assertion"] == VOUCHER
        key = self.certificate.public_key()
        said = jwt.decode(form["client_assertion"], key, algorithms=["PS256"], audience=f"{BASE}/token")
        return said["iss"] == said["sub"] == APP
