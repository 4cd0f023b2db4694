"""Facts about persons."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, ConfigDict, Field

from schemas.model import EventData


class PersonSeen(EventData):
    """A person wrote to us; sent at first, on a change of name or language, and at most every 10 min."""

    event_type: ClassVar[str] = "core.person_seen.v1"

    person: str
    contact: str
    at: AwareDatetime
    phone: str | None = None
    name: str | None = None
    locale: str = "en"
    country: str = "RW"


class PersonsJoined(EventData):
    """Two persons turned out to be one: what belongs to `folded` belongs to `kept` from now on."""

    event_type: ClassVar[str] = "core.persons_joined.v1"

    kept: str
    folded: str
    at: AwareDatetime


class AddressChangedV1(EventData):
    """A person is reached under another contact."""

    event_type: ClassVar[str] = "core.address_changed.v1"

    person: str
    contact: str
    former: str | None = Field(default=None, description="the contact that is no longer good")
    at: AwareDatetime


class AddressChanged(EventData):
    """A person is reached under another contact. Since v2 it says which phone number they have now.

    Readers of v1 took the contact for the number where it was one. Who is reached by a user id has a number
    too, and it was lost to them.
    """

    # Strict, so that what this model refuses is what the published schema refuses.
    model_config = ConfigDict(strict=True)

    event_type: ClassVar[str] = "core.address_changed.v2"

    person: str = Field(description="the person's permanent id, which is also the record's key")
    contact: str = Field(description="what Meta names them by from now on: a phone number or a user id")
    former: str | None = Field(default=None, description="the contact that is no longer good")
    phone: str | None = Field(
        default=None, description="their phone number, digits only, country code first; none: not known"
    )
    at: AwareDatetime = Field(description="when Meta told of it; with the offset from UTC")


class OptedOut(EventData):
    """Nothing may be sent to this person any more."""

    event_type: ClassVar[str] = "core.opted_out.v1"

    person: str
    at: AwareDatetime


class OptedIn(EventData):
    """This person may be written to again."""

    event_type: ClassVar[str] = "core.opted_in.v1"

    person: str
    at: AwareDatetime


class ReferralGiven(EventData):
    """A person sent somebody's referral code; whether it counts is the wallet's to decide."""

    event_type: ClassVar[str] = "core.referral_given.v1"

    person: str
    code: str = Field(description="4 to 16 letters and digits, in capitals")
    at: AwareDatetime


class PlaceSaved(EventData):
    """A person saved a place, instead of the one of the same kind."""

    event_type: ClassVar[str] = "core.place_saved.v1"

    person: str
    kind: str = Field(description="home, work, school or other")
    label: str = Field(default="", description="the person's own word for it, or empty")
    latitude: float = Field(description="degrees")
    longitude: float = Field(description="degrees")
    at: AwareDatetime


class PlaceRemoved(EventData):
    """A person removed a saved place."""

    event_type: ClassVar[str] = "core.place_removed.v1"

    person: str
    kind: str = Field(description="home, work, school or other")
    at: AwareDatetime
