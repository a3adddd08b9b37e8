"""A raw request from Slack → its payload, once its size and signature are what they have to be, as far as anybody reads
it: what has another shape is refused before it can do harm."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from time import time
from typing import Any, Self
from urllib.parse import parse_qs

import structlog
from pydantic import BaseModel, Field, model_validator
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.contract import well_formed
from bot.messaging.message import show_emoji
from bot.web.guard import read_body

# A message may have 40,000 characters; as JSON each is up to 12 bytes (`\ud83e\udd70`), and its text comes twice.
LARGEST = 1_000_000
# Seconds by which a request may be old, or a clock wrong.
TOLERANCE = 300

log = structlog.get_logger(__name__)


class SignatureCheck:
    """Slack's address: events, interactions and commands."""

    def __init__(self, app: AsyncApp, secret: str, clock: Callable[[], float] = time) -> None:
        self._app, self._secret, self._clock = app, secret.encode(), clock

    async def __call__(self, request: Request) -> Response:
        """401 before anything is read out of the body; 400 where it is not what Slack sends, 413 where too much."""
        body = await read_body(request, LARGEST)
        if not self._signed(request, body):
            raise HTTPException(401, "the signature is missing, wrong, or too old")
        try:
            payload = _payload(body, request.headers.get("content-type", ""))
            Payload.model_validate(payload)
        except (ValueError, RecursionError) as error:
            log.warning("request not understood", error=type(error).__name__)
            raise HTTPException(400, "the body is not what Slack sends") from None
        # Parsed already, as Socket Mode has it: Bolt's own parser loses a command that has the word "payload" in it.
        given = AsyncBoltRequest(body=payload, headers=dict(request.headers), mode="socket_mode")
        return to_starlette_response(await self._app.async_dispatch(given))

    def _signed(self, request: Request, body: bytes) -> bool:
        stamp = request.headers.get("x-slack-request-timestamp", "")
        given = request.headers.get("x-slack-signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12) or abs(self._clock() - int(stamp)) > TOLERANCE:
            return False
        wanted = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(f"v0={wanted}".encode(), given.encode("utf-8", "surrogateescape"))


def _payload(body: bytes, kind: str) -> dict[str, Any]:
    """The body as Slack means it. Raises ValueError."""
    text = body.decode("utf-8")
    if kind.partition(";")[0].strip().lower() == "application/json" or text.startswith("{"):
        found = json.loads(text)
    else:
        fields = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=100)
        found = json.loads(fields["payload"][-1]) if "payload" in fields else {k: v[-1] for k, v in fields.items()}
    if not isinstance(found, dict):
        raise ValueError("not an object")
    whole: dict[str, Any] = well_formed(found)
    return whole


# A request as Slack sends it.
Body = dict[str, Any]
Text = str | None


class Reference(BaseModel):
    """A team, channel, enterprise or user, as an object."""

    id: Text = None
    team_id: Text = None
    enterprise_id: Text = None


class Person(BaseModel):
    id: str


class Authorization(BaseModel):
    team_id: Text = None
    enterprise_id: Text = None
    user_id: Text = None
    is_enterprise_install: bool | None = None


class Event(BaseModel):
    type: str
    subtype: Text = None
    team: str | Reference | None = None
    team_id: Text = None
    enterprise: str | Reference | None = None
    enterprise_id: Text = None
    user: str | Reference | None = None
    user_id: Text = None
    user_team: Text = None
    channel: str | Reference | None = None
    channel_id: Text = None
    bot_id: Text = None
    thread_ts: Text = None
    authorizations: list[Authorization] | None = None
    item: Reference | None = None
    assistant_thread: dict[str, Any] | None = None


class Action(BaseModel):
    action_id: Text = None
    block_id: Text = None
    type: Text = None
    value: Text = None
    name: Text = None
    selected_option: dict[str, Any] | None = None


class View(BaseModel):
    id: Text = None
    type: Text = None
    callback_id: Text = None
    team_id: Text = None
    app_installed_team_id: Text = None
    private_metadata: Text = None


class Container(BaseModel):
    """What an action was taken in: a message, an ephemeral one, or a view."""

    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    is_ephemeral: bool = False


class ResponseUrl(BaseModel):
    response_url: Text = None


class Payload(BaseModel):
    """Any of Slack's requests. `event` is of events, `actions`, `view` and `message` of interactions, `command` of
    commands; the rest says who and where."""

    type: Text = None
    event_id: Text = None
    team_id: Text = None
    enterprise_id: Text = None
    user_id: Text = None
    channel_id: Text = None
    thread_ts: Text = None
    team: str | Reference | None = None
    enterprise: str | Reference | None = None
    user: str | Reference | None = None
    channel: str | Reference | None = None
    authorizations: list[Authorization] | None = None
    is_ext_shared_channel: bool | None = None
    event: Event = Event(type="")
    actions: list[Action] = Field(default=[], min_length=1)
    view: View = View()
    message: dict[str, Any] | None = None
    previous_message: dict[str, Any] | None = None
    item: dict[str, Any] | None = None
    assistant_thread: dict[str, Any] | None = None
    function_data: dict[str, Any] | None = None
    container: Container | None = None
    command: Text = None
    callback_id: Text = None
    trigger_id: Text = None
    response_url: Text = None
    response_urls: list[ResponseUrl] | None = None

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        """An interaction says which one it is."""
        names = {
            "block_actions": [action.action_id for action in self.actions] or [None],
            "message_action": [self.callback_id],
            "shortcut": [self.callback_id],
            "view_closed": [self.view.callback_id],
            "view_submission": [self.view.callback_id],
        }
        if None in names.get(self.type or "", []):
            raise ValueError("an interaction without a name")
        return self


class Press(BaseModel):
    """A button that was pressed, or an option that was picked."""

    user: Person
    actions: list[Action] = Field(min_length=1)
    trigger_id: str
    container: Container = Container()
    response_url: str = ""

    @property
    def value(self) -> str:
        """What the button says of itself, or the option that was picked; empty if there is none."""
        action = self.actions[0]
        return action.value or str((action.selected_option or {}).get("value", ""))

    def read(self, *kinds: type) -> tuple[Any, ...]:
        """The button's value, a list of such kinds as JSON. Raises ValueError where it is none of ours."""
        found = json.loads(self.value)
        if not isinstance(found, list) or [type(part) for part in found] != list(kinds):
            raise ValueError("the value of a button is not ours")
        return tuple(found)


class Command(BaseModel):
    user_id: str
    channel_id: str
    trigger_id: str
    response_url: str
    text: str = ""
    api_app_id: str = ""


class Shortcut(BaseModel):
    """A shortcut on a message, or on nothing."""

    user: Person
    trigger_id: str
    response_url: str = ""
    channel: Reference = Reference()
    message: dict[str, Any] = {}


class Typed(BaseModel):
    value: Text = None


class State(BaseModel):
    """What was typed, by block and action."""

    values: dict[str, dict[str, Typed]] = {}


class Form(BaseModel):
    id: str
    private_metadata: str = ""
    state: State = State()


class Submission(BaseModel):
    """A form that was sent."""

    user: Person
    view: Form

    def text(self, block: str) -> str:
        """What was typed into the only field of a block."""
        return self.view.state.values.get(block, {}).get("text", Typed()).value or ""


# What Slack wraps into angle brackets: a user, a channel, a group or a command such as `<!here>`, or a link.
_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ENTITY = re.compile("|".join(_ENTITIES))


def read_markup(text: str, bot: str = "") -> str:
    """A message's text as its writer saw it, without what is no text, such as half an emoji. Mentions of persons are
    left out: they are nobody's business here."""

    def shown(match: re.Match[str]) -> str:
        kind, what, label = match.groups()
        if kind == "@" and what == bot:
            return " "
        if kind in {"@", "!"}:
            return label or " "
        return label or ("" if kind else what)

    plain = show_emoji(_ENTITY.sub(lambda m: _ENTITIES[m[0]], _MARKUP.sub(shown, well_formed(text))))
    return re.sub(r"[ \t]+", " ", plain).strip()
