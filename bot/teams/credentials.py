"""Settings → the app's own tokens: by a secret, a certificate, or what Azure or another issuer vouches for."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from microsoft_teams.api.auth.cloud_environment import CloudEnvironment
from msal import (
    ConfidentialClientApplication,
    ManagedIdentityClient,
    SystemAssignedManagedIdentity,
    UserAssignedManagedIdentity,
)

from bot.messaging.services import SettingFault
from bot.settings import SYSTEM, Settings

# Seconds a call to Microsoft, or to the machine's identity, may take.
TIMEOUT = 10.0
# What a managed identity vouches to Microsoft with that it stands for the app.
_EXCHANGE = "api://AzureADTokenExchange"

# A scope → what Microsoft answers: `access_token`, or `error` and `error_description`.
Acquire = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What an app registration knows the app by, and its key, both as PEM; and the last day that it holds."""

    certificate: str
    key: str
    expires: date


class AppTokens:
    """The app's tokens, as the SDK wants them. MSAL keeps each until shortly before it ends.

    The SDK's own provider reads no certificate, and keeps to itself why Microsoft has refused: it says
    `invalid_client` of a secret that is wrong and of one that has expired.
    """

    def __init__(self, acquire: Acquire) -> None:
        self._acquire = acquire

    async def get_app_token(self, scope: str, tenant_id: str | None) -> str:  # noqa: ARG002  # the SDK's protocol
        """Raises ValueError with Microsoft's words where it refuses, and requests.RequestException where it cannot be
        reached."""
        found = await asyncio.to_thread(self._acquire, scope)
        return _token(found)


def app_tokens(settings: Settings, cloud: CloudEnvironment, certificate: Certificate | None) -> AppTokens:
    """By whichever credential the settings name. Raises SettingFault where they name none."""
    app, federated = settings.teams_app_id, settings.teams_federated
    if settings.teams_managed_identity:
        return AppTokens(_managed(UserAssignedManagedIdentity(client_id=app)))
    credential: Any = settings.teams_app_password.get_secret_value()
    if not (credential or certificate or federated):
        raise SettingFault("HMS_TEAMS_APP_PASSWORD is not set, nor another credential: Teams cannot be answered")
    if certificate:
        credential = {"private_key": certificate.key, "public_certificate": certificate.certificate}
    elif federated:
        credential = {"client_assertion": _vouching(federated)}
    authority = f"{cloud.login_endpoint}/{settings.teams_home_tenant or cloud.login_tenant}"

    @cache  # it asks Microsoft for its addresses as it is made
    def client() -> Any:
        return ConfidentialClientApplication(
            app, client_credential=credential, authority=authority, http_client=_Patient()
        )

    return AppTokens(lambda scope: client().acquire_token_for_client([scope]) or {})


def read_certificate(file: Path) -> Certificate:
    """A PEM file with a certificate and its RSA key, in any order. Raises SettingFault."""
    name = "HMS_TEAMS_CERTIFICATE"
    try:
        text = file.read_bytes()
    except OSError as error:
        raise SettingFault(f"{name}: {file} cannot be read: {error.strerror}") from error
    try:
        key = load_pem_private_key(text, None)
    except TypeError as error:
        raise SettingFault(f"{name}: the key in {file} is encrypted; it has to be there without a password") from error
    except ValueError as error:
        raise SettingFault(f"{name}: {file} holds no private key as PEM") from error
    if not isinstance(key, RSAPrivateKey):
        raise SettingFault(f"{name}: the key in {file} is no RSA key, and Microsoft takes no other")
    try:
        found = x509.load_pem_x509_certificates(text)
    except ValueError as error:
        raise SettingFault(f"{name}: {file} holds no certificate as PEM") from error
    own = next((one for one in found if one.public_key() == key.public_key()), None)
    if own is None:
        raise SettingFault(f"{name}: no certificate in {file} belongs to its key")
    return Certificate(
        own.public_bytes(Encoding.PEM).decode(),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        own.not_valid_after_utc.date(),
    )


def _managed(identity: UserAssignedManagedIdentity | SystemAssignedManagedIdentity) -> Acquire:
    client = ManagedIdentityClient(identity, http_client=_Patient())
    return lambda scope: client.acquire_token_for_client(resource=scope.removesuffix("/.default"))


def _vouching(federated: str) -> Callable[[], str]:
    """What gets the assertion that stands for the app: from a file that the platform renews, or from the machine's
    managed identity."""
    if Path(federated).is_absolute():
        return lambda: _read_assertion(Path(federated))
    user = UserAssignedManagedIdentity(client_id=federated)
    acquire = _managed(SystemAssignedManagedIdentity() if federated == SYSTEM else user)
    return lambda: _token(acquire(_EXCHANGE))


def _read_assertion(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"HMS_TEAMS_FEDERATED: {file} cannot be read ({type(error).__name__})") from error


def _token(found: Mapping[str, Any]) -> str:
    token = found.get("access_token")
    if not token:
        raise ValueError(f"{found.get('error', 'no token')}: {found.get('error_description', '')}")
    return str(token)


class _Patient(requests.Session):
    """A session whose calls end in time: MSAL sets none for a managed identity."""

    def request(self, *given: Any, **more: Any) -> requests.Response:
        return super().request(*given, **{"timeout": TIMEOUT, **more})
