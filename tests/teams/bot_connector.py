"""A Bot Connector of the tests' own: keys and tokens that are really signed, and the messages that it was sent.

Its limits are those of Teams: a message has at most 100 KB, and a text or cards, not both (Teams makes two of it, and
refuses to edit them); cards are of a version that its clients know, whose buttons only open addresses of the web; a
personal chat may be refused when it is opened, or, where somebody has blocked the bot, when it is written to.
"""

import http.server
import itertools
import json
import re
import socketserver
import threading
import time
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from microsoft_teams.api.auth.cloud_environment import PUBLIC, with_overrides

APP = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-aaaa-bbbb-cccc-dddddddddddd"
TOKEN = "the-bots-own-token"
# Bytes in UTF-16.
LARGEST = 100_000
_PATH = re.compile(r"/teams/v3/conversations(?:/([^/]+)/activities(?:/([^/]+))?)?$")


class Tokens:
    """What the bot signs its messages with."""

    def get_app_token(self, scope, tenant_id):  # noqa: ARG002  # the protocol's
        return TOKEN


class Key:
    """A signing key, as the Bot Connector publishes it."""

    def __init__(self, ident):
        self.ident, self.private = ident, rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public(self):
        found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return {**found, "kid": self.ident, "use": "sig", "endorsements": ["msteams"]}


class BotConnector:
    """`messages` are those that a person would see: by conversation and id, an updated one as it is now.

    `trouble` is what the next calls meet: a status with its headers, "cut" (done, but the answer is lost), "lost"
    (cut before it is done), or seconds that the answer takes.
    """

    def __init__(self):
        self.keys = [Key("first")]
        self.messages, self.calls, self.blocked = {}, [], set()
        self.trouble, self.key_fetches, self.personal = [], 0, True
        self._number, self._changed = 1_700_000_000_000, threading.Condition()
        connector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                if self.path.endswith("/openidconfiguration"):
                    self._answer(200, {"issuer": PUBLIC.token_issuer, "jwks_uri": f"{connector.url}/keys"})
                elif self.path == "/keys":
                    connector.key_fetches += 1
                    self._answer(200, {"keys": [key.public() for key in connector.keys]})
                else:
                    self._answer(404, {})

            def do_POST(self):
                self._take()

            def do_PUT(self):
                self._take()

            def _take(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                path = _PATH.match(unquote(self.path))
                with connector._changed:
                    connector.calls.append((self.command, self.path, self.headers.get("authorization"), body))
                    trouble = connector.trouble.pop(0) if connector.trouble else None
                if isinstance(trouble, tuple):
                    self._answer(trouble[0], {"error": {"code": "Trouble", "message": "as told"}}, trouble[1])
                    return
                if trouble == "lost" or path is None:
                    self.close_connection = True
                    return
                if isinstance(trouble, float):
                    time.sleep(trouble)
                with connector._changed:
                    status, found = connector._keep(self.command, *path.groups(), body)
                    connector._changed.notify_all()
                if trouble == "cut":
                    self.close_connection = True
                    return
                self._answer(status, found)

            def _answer(self, status, body, headers=None):
                content = json.dumps(body).encode()
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.service = f"{self.url}/teams"
        self.cloud = with_overrides(PUBLIC, openid_metadata_url=f"{self.url}/v1/.well-known/openidconfiguration")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def token(self, key=None, algorithm="RS256", headers=None, secret=None, **claims):
        """A token as the Bot Connector signs it; a claim of None is left out."""
        key, now = key or self.keys[-1], int(time.time())
        said = {
            "iss": PUBLIC.token_issuer, "aud": APP, "exp": now + 3600, "nbf": now - 60, "iat": now,
            "serviceurl": self.service, **claims,
        }  # fmt: skip
        kept = {name: value for name, value in said.items() if value is not None}
        signing = None if algorithm == "none" else secret or key.private
        return jwt.encode(kept, signing, algorithm=algorithm, headers={"kid": key.ident, **(headers or {})})

    def await_messages(self, conversation, count, seconds=60.0):
        """The messages of a conversation, once there are so many."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.messages.get(conversation, {})) >= count, seconds)
            return list(self.messages.get(conversation, {}).values())

    def await_change(self, conversation, message, text, seconds=60.0):
        """A message once it says something."""

        def there():
            return text in json.dumps(self.messages[conversation][message], ensure_ascii=False)

        with self._changed:
            assert self._changed.wait_for(there, seconds), self.messages[conversation][message]
            return self.messages[conversation][message]

    def texts(self, conversation):
        return [message.get("text", "") for message in self.messages.get(conversation, {}).values()]

    def _keep(self, method, conversation, message, body):
        if self.calls[-1][2] not in {f"Bearer {TOKEN}", None}:
            return 401, {}
        activity = json.loads(body)
        if conversation is None:
            if not self.personal:
                return 403, {"error": {"code": "BotNotInConversationRoster", "message": "not installed"}}
            return 201, {"id": f"a:alone-with-{activity['members'][0]['id']}"}
        if 2 * len(json.dumps(activity, ensure_ascii=False)) > LARGEST:
            return 413, {"error": {"code": "MessageSizeTooBig", "message": "too big"}}
        if conversation in self.blocked:
            return 403, {"error": {"code": "MessageWritesBlocked", "message": "blocked"}}
        if not activity.get("text") and not activity.get("attachments"):
            return 400, {"error": {"code": "BadSyntax", "message": "nothing to show"}}
        if fault := _fault(activity.get("attachments", [])):
            return 400, {"error": {"code": "BadArgument", "message": fault}}
        there = self.messages.setdefault(conversation, {})
        if activity.get("text") and activity.get("attachments"):
            return 400, {"error": {"code": "BadSyntax", "message": "Activity resulted into multiple skype activities"}}
        if method == "PUT":
            if message not in there:
                return 404, {"error": {"code": "NotFound", "message": "no such message"}}
            there[message] = {**activity, "id": message}
            return 200, {"id": message}
        self._number += 1
        there[str(self._number)] = {**activity, "id": str(self._number)}
        return 201, {"id": str(self._number)}


def _fault(attachments):
    """What Teams would not show of a message's cards; empty where it shows them."""
    if len(attachments) > 10:
        return "more than ten attachments"
    for card in (made["content"] for made in attachments):
        if card.get("version") not in {f"1.{minor}" for minor in range(6)}:
            return "a version that clients do not know"
        if not card["body"]:
            return "an empty card"
        if any(not link.startswith(("https://", "http://")) for link in _links(card)):
            return "a button that opens no page"
    return ""


def _links(at):
    if isinstance(at, dict):
        own = [at.get("url", "")] if at.get("type") == "Action.OpenUrl" else []
        return own + [link for value in at.values() for link in _links(value)]
    return [link for value in at for link in _links(value)] if isinstance(at, list) else []


class Person:
    """Somebody in Teams: what they do, as activities."""

    _numbers = itertools.count(1_600_000_000_001)

    def __init__(self, connector, name="kari", tenant=TENANT):
        self.connector, self.name, self.tenant = connector, name, tenant

    @property
    def chat(self):
        return f"a:chat-of-{self.name}"

    def activity(self, type, conversation=None, **more):
        kind = "personal" if (conversation or "a:").startswith("a:") else "channel"
        return {
            "type": type,
            "id": f"{next(self._numbers)}",
            "timestamp": "2026-11-22T10:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.connector.service,
            "from": {"id": f"29:{self.name}", "aadObjectId": f"object-of-{self.name}", "name": "Kari Kunde"},
            "recipient": {"id": f"28:{APP}", "name": "HMS-bot"},
            "conversation": {
                "id": conversation or self.chat, "conversationType": kind, "tenantId": self.tenant,
                "isGroup": kind != "personal",
            },
            "channelData": {"tenant": {"id": self.tenant}},
            "locale": "nb-NO",
            **more,
        }  # fmt: skip

    def message(self, text, conversation=None, **more):
        return self.activity("message", conversation, text=text, **more)

    def mention(self, text, conversation, **more):
        """A message in a channel that mentions the bot."""
        at = {"type": "mention", "text": "<at>HMS-bot</at>", "mentioned": {"id": f"28:{APP}", "name": "HMS-bot"}}
        return self.message(f"<at>HMS-bot</at>&nbsp;{text}", conversation, entities=[at], **more)

    def invoke(self, name, value, conversation=None, **more):
        return self.activity("invoke", conversation, name=name, value=value, **more)

    def press(self, button, message, conversation=None, **inputs):
        """An Action.Execute of a card, pressed."""
        action = {"type": "Action.Execute", "verb": button["verb"], "data": {**button["data"], **inputs}}
        value = {"action": action, "trigger": "manual"}
        return self.invoke("adaptiveCard/action", value, conversation, replyToId=message)


def buttons(message, kind="Action.Execute"):
    """The actions of a message's card by their title, wherever they stand."""
    found = {}

    def look(at):
        if isinstance(at, dict):
            if at.get("type") == kind:
                found[at.get("title")] = at
            for value in at.values():
                look(value)
        elif isinstance(at, list):
            for value in at:
                look(value)

    look(message.get("attachments", []))
    return found


def card_text(card):
    """All that a card says, one line each."""
    if isinstance(card, dict):
        own = [card["text"]] if isinstance(card.get("text"), str) else []
        return own + [line for value in card.values() for line in card_text(value)]
    return [line for value in card for line in card_text(value)] if isinstance(card, list) else []


def seen(part):
    """The texts of a card from top to bottom, with those of its buttons and of what its pictures show."""
    if isinstance(part, list):
        return [text for each in part for text in seen(each)]
    own = [part[name] for name in ("text", "altText", "title") if isinstance(part.get(name), str)]
    return own + [text for name in ("body", "items", "inlines", "actions") for text in seen(part.get(name, []))]
