"""Events between Meta and us."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import AwareDatetime, Field

from schemas.content import Content
from schemas.model import EventData


class MessageReceived(EventData):
    """One message, as Meta sent it, with what the notification said around it."""

    event_type: ClassVar[str] = "whatsapp.message_received.v1"

    contact: str = Field(description="the business-scoped user id where there is one, else the phone number")
    message: dict[str, Any] = Field(description="the message object, unchanged")
    phone: str | None = Field(default=None, description="digits only; absent for people with a username")
    user_id: str | None = Field(default=None, description="the business-scoped user id")
    profile_name: str | None = None
    phone_number_id: str | None = Field(default=None, description="which of our numbers it was sent to")
    account_id: str | None = Field(default=None, description="the WhatsApp business account")
    contact_details: dict[str, Any] | None = Field(
        default=None, description="what else the notification said of the contact, unchanged"
    )


class StatusReceived(EventData):
    """One delivery status, as Meta sent it."""

    event_type: ClassVar[str] = "whatsapp.status_received.v1"

    contact: str
    status: dict[str, Any] = Field(description="the status object, unchanged")
    phone_number_id: str | None = None
    account_id: str | None = None
    contact_details: dict[str, Any] | None = Field(
        default=None, description="what else the notification said of the contact, unchanged"
    )


class AccountUpdated(EventData):
    """Everything else that Meta posts: a change with a field we do not split, or errors."""

    event_type: ClassVar[str] = "whatsapp.account_updated.v1"

    account_id: str
    field: str
    value: Any = Field(default=None, description="the change's value, unchanged")


class SendMessage(EventData):
    """One thing to send to one person."""

    event_type: ClassVar[str] = "whatsapp.send_message.v1"

    person: str = Field(description="who it is for; the sender alone knows the address of a person")
    content: Content
    contact: str | None = Field(default=None, description="the address, where the turn had it")
    heard_at: AwareDatetime | None = Field(
        default=None, description="when the person last wrote, as far as the asker knows: opens 24 hours"
    )
    quotes: str | None = Field(default=None, description="the wamid of the message that this one quotes")
    despite_opt_out: bool = Field(default=False, description="only the confirmation of STOP or START")
    template: str | None = Field(
        default=None, description="the template to use instead, should the 24 hours have passed"
    )
    template_variables: tuple[str, ...] = ()
