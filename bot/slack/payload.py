"""Slack's payloads, as far as anybody reads them: what has another shape is refused before it can do harm."""

import json
from typing import Any, Self

from pydantic import BaseModel, Field, model_validator

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
