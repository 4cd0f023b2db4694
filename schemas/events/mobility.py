"""Facts of mobility for others, and its own timers. None of them carries a phone number."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from schemas.content import Part
from schemas.model import EventData


class Place(Part):
    """A point on the map, in degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


# Trips that happen now --------------------------------------------------------------------------------


class TripFact(EventData):
    """What every fact about a trip says."""

    trip: str = Field(description="the trip's id, which is also the record's key")
    passenger: str = Field(description="the person who rides")
    driver: str = Field(description="the person who drives")
    at: AwareDatetime


class TripRequested(TripFact):
    """One side asked the other for a trip."""

    event_type: ClassVar[str] = "mobility.trip_requested.v1"

    proposer: str = Field(description="who asked: passenger or driver")
    vehicle: str = Field(description="moto, cab, lifan, truck or other")
    pickup: Place
    dropoff: Place | None = None
    estimate_rwf: int | None = Field(default=None, ge=0, description="RWF, VAT included; none: no fixed fare")


class TripAccepted(TripFact):
    """The other side said yes."""

    event_type: ClassVar[str] = "mobility.trip_accepted.v1"


class TripDeclined(TripFact):
    """The other side said no."""

    event_type: ClassVar[str] = "mobility.trip_declined.v1"


class DriverArrived(TripFact):
    """The driver waits at the pickup."""

    event_type: ClassVar[str] = "mobility.driver_arrived.v1"


class TripStarted(TripFact):
    """The passenger is on the way."""

    event_type: ClassVar[str] = "mobility.trip_started.v1"


class TripCompleted(TripFact):
    """The passenger is where they wanted to be."""

    event_type: ClassVar[str] = "mobility.trip_completed.v1"

    estimate_rwf: int | None = Field(default=None, ge=0, description="RWF, VAT included; none: no fixed fare")


class TripCancelled(TripFact):
    """One side called the trip off."""

    event_type: ClassVar[str] = "mobility.trip_cancelled.v1"

    cancelled_by: str = Field(description="passenger or driver")
    fee_rwf: int = Field(ge=0, description="what the passenger owes for it, in RWF")


class TripLapsed(TripFact):
    """Nobody answered the request, or nobody ended the trip, in time."""

    event_type: ClassVar[str] = "mobility.trip_lapsed.v1"


class TripRated(TripFact):
    """The passenger gave the driver stars."""

    event_type: ClassVar[str] = "mobility.trip_rated.v1"

    stars: int = Field(ge=1, le=5)


# Trips that are planned -------------------------------------------------------------------------------


class TripScheduled(EventData):
    """A trip is planned; a recurring plan says this anew for each of its trips."""

    event_type: ClassVar[str] = "mobility.trip_scheduled.v1"

    trip: str = Field(description="this one trip's id, which is also the record's key")
    plan: str = Field(description="the same for all trips of a recurring plan")
    person: str
    role: str = Field(description="passenger or driver")
    vehicle: str = Field(description="moto, cab, lifan, truck or other")
    due: AwareDatetime = Field(description="when the trip begins")
    recurrence: str = Field(description="once, weekdays or daily")
    pickup: Place
    dropoff: Place | None = None
    estimate_rwf: int | None = Field(default=None, ge=0, description="RWF, VAT included; none: no fixed fare")
    at: AwareDatetime


class TripUnscheduled(EventData):
    """A planned trip was called off before its time; nothing more comes of its plan."""

    event_type: ClassVar[str] = "mobility.trip_unscheduled.v1"

    trip: str = Field(description="the trip's id, which is also the record's key")
    plan: str
    person: str
    at: AwareDatetime


# Drivers ----------------------------------------------------------------------------------------------


class DriverRegistered(EventData):
    """A person drives, or changed what they drive."""

    event_type: ClassVar[str] = "mobility.driver_registered.v1"

    person: str = Field(description="the driver, which is also the record's key")
    vehicle: str = Field(description="moto, cab, lifan, truck or other")
    plate: str = Field(description="4 to 10 capital letters and digits")
    at: AwareDatetime


class DriverWentOnline(EventData):
    """A driver can be found nearby."""

    event_type: ClassVar[str] = "mobility.driver_went_online.v1"

    person: str = Field(description="the driver, which is also the record's key")
    vehicle: str = Field(description="moto, cab, lifan, truck or other")
    place: Place
    until: AwareDatetime
    at: AwareDatetime


class DriverWentOffline(EventData):
    """A driver can no longer be found."""

    event_type: ClassVar[str] = "mobility.driver_went_offline.v1"

    person: str = Field(description="the driver, which is also the record's key")
    reason: str = Field(description="asked, expired or opted_out")
    at: AwareDatetime


class DriverSubscribed(EventData):
    """A driver paid for a subscription; one that is renewed says this anew."""

    event_type: ClassVar[str] = "mobility.driver_subscribed.v1"

    person: str = Field(description="the driver, which is also the record's key")
    subscription: str = Field(description="its id, which is the id of the wallet's transfer, too")
    tokens: int = Field(ge=0, description="what it cost")
    until: AwareDatetime
    at: AwareDatetime


class SubscriptionLapsed(EventData):
    """A driver's subscription is over, and was not renewed."""

    event_type: ClassVar[str] = "mobility.subscription_lapsed.v1"

    person: str = Field(description="the driver, which is also the record's key")
    subscription: str
    at: AwareDatetime


# Timers: mobility's own, back to itself ---------------------------------------------------------------


class RequestExpired(EventData):
    """The time to answer a request is over."""

    event_type: ClassVar[str] = "mobility.request_expired.v1"

    trip: str


class TripForgotten(EventData):
    """A trip was accepted long ago, and nobody ended it."""

    event_type: ClassVar[str] = "mobility.trip_forgotten.v1"

    trip: str


class PresenceExpired(EventData):
    """The time for which a person could be found nearby is over."""

    event_type: ClassVar[str] = "mobility.presence_expired.v1"

    person: str
    role: str


class ReminderDue(EventData):
    """It is time to remind somebody of a planned trip."""

    event_type: ClassVar[str] = "mobility.reminder_due.v1"

    plan: str
    trip: str


class PlannedTripDue(EventData):
    """The time of a planned trip has come."""

    event_type: ClassVar[str] = "mobility.planned_trip_due.v1"

    plan: str
    trip: str


class ChargeSlow(EventData):
    """The wallet has not answered for a while."""

    event_type: ClassVar[str] = "mobility.charge_slow.v1"

    trip: str


class ChargeUnused(EventData):
    """A planned trip's time is over for a while, and its price is still held."""

    event_type: ClassVar[str] = "mobility.charge_unused.v1"

    trip: str = Field(description="the planned trip's id")


class TopUpOver(EventData):
    """The time to top up for a planned trip is over."""

    event_type: ClassVar[str] = "mobility.top_up_over.v1"

    trip: str


class SubscriptionSlow(EventData):
    """The wallet has not answered for a while to the payment of a subscription."""

    event_type: ClassVar[str] = "mobility.subscription_slow.v1"

    subscription: str


class SubscriptionEnding(EventData):
    """A subscription ends tomorrow."""

    event_type: ClassVar[str] = "mobility.subscription_ending.v1"

    subscription: str


class SubscriptionOver(EventData):
    """The time of a subscription is over."""

    event_type: ClassVar[str] = "mobility.subscription_over.v1"

    subscription: str
