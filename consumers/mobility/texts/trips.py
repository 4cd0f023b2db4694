"""What both sides read while a trip runs its course."""

from __future__ import annotations

from consumers.mobility.rules.lifecycle import State
from consumers.mobility.texts.catalogue import texts
from consumers.texts import Renderable, Text

_STANDS = {
    State.REQUESTED: texts("It waits for an answer."),
    State.ACCEPTED: texts("It is agreed, and the driver is on the way."),
    State.ARRIVED: texts("The driver has arrived at the pickup."),
    State.IN_PROGRESS: texts("It is under way."),
    State.COMPLETED: texts("It is completed."),
    State.CANCELLED: texts("It was cancelled."),
    State.DECLINED: texts("It was declined."),
    State.LAPSED: texts("It has expired."),
}


def stands(reference: str, state: State) -> Text:
    return texts("Trip {reference}: {state}", reference=reference, state=_STANDS[state])


def not_possible() -> Text:
    return texts("That is not possible now.")


def unknown_trip() -> Text:
    return texts("We do not know this trip any more.")


def accept() -> Text:
    return texts("Accept")


def decline() -> Text:
    return texts("Decline")


def withdraw() -> Text:
    return texts("Withdraw request")


def cancel() -> Text:
    return texts("Cancel trip")


def cancel_and_pay() -> Text:
    return texts("Cancel and pay")


def keep() -> Text:
    return texts("Keep the trip")


def i_am_there() -> Text:
    return texts("I have arrived")


def start() -> Text:
    return texts("Start the trip")


def complete() -> Text:
    return texts("Complete the trip")


def see_trip() -> Text:
    return texts("See the trip")


def asked(who: str, reference: str) -> Text:
    return texts(
        "We asked {who}. The answer comes within 2 minutes. Trip {reference}.", who=who, reference=reference
    )


def asked_driver(who: str, reference: str, distance: Renderable) -> Text:
    return texts(
        "{who} asks you for a ride. The pickup is {distance} from you. Trip {reference}.",
        who=who,
        distance=distance,
        reference=reference,
    )


def asked_passenger(who: str, reference: str, distance: Renderable) -> Text:
    return texts(
        "{who} offers you a ride and is {distance} away. Trip {reference}.",
        who=who,
        distance=distance,
        reference=reference,
    )


def goes(distance: Renderable) -> Text:
    return texts("The destination is {distance} from the pickup.", distance=distance)


def plate(number: str) -> Text:
    return texts("Plate: {plate}", plate=number)


def accepted_for_driver(who: str) -> Text:
    return texts("{who} waits for you. The pickup is on the map. Tell us when you are there.", who=who)


def accepted_for_passenger(who: str) -> Text:
    return texts("{who} is on the way to you.", who=who)


def arrived_for_driver() -> Text:
    return texts("Your passenger knows that you are there. Tell us when the trip starts.")


def arrived_for_passenger() -> Text:
    return texts("Your driver has arrived.")


def started_for_driver() -> Text:
    return texts("Have a safe trip. Tell us when your passenger has arrived.")


def started_for_passenger() -> Text:
    return texts("Your trip has started. Have a safe ride.")


def completed_for_driver(reference: str) -> Text:
    return texts("Trip {reference} is completed. Thank you!", reference=reference)


def completed_for_passenger(who: str) -> Text:
    return texts("You have arrived. How was your trip with {who}?", who=who)


def you_cancelled(reference: str) -> Text:
    return texts("You cancelled trip {reference}.", reference=reference)


def other_cancelled(who: str, reference: str) -> Text:
    return texts("{who} cancelled trip {reference}.", who=who, reference=reference)


def fee_warning(amount: str) -> Text:
    return texts("Your driver has already arrived. If you cancel now, you owe {amount}.", amount=amount)


def fee_owed(amount: str) -> Text:
    return texts("You owe {amount}, because your driver had already arrived.", amount=amount)


def you_declined(reference: str) -> Text:
    return texts("You declined trip {reference}.", reference=reference)


def other_declined(who: str) -> Text:
    return texts("{who} cannot come this time.", who=who)


def no_answer(who: str) -> Text:
    return texts("{who} did not answer in time.", who=who)


def you_did_not_answer(reference: str) -> Text:
    return texts("The request for trip {reference} has expired.", reference=reference)


def forgotten(reference: str) -> Text:
    return texts("We closed trip {reference}, because nobody ended it.", reference=reference)


def committed(reference: str) -> Text:
    return texts("You already have a trip: {reference}. Please end or cancel it first.", reference=reference)


def driver_gone() -> Text:
    return texts("This driver is no longer free.")


def passenger_gone() -> Text:
    return texts("This passenger no longer looks for a ride.")


def chat_with(who: str) -> Text:
    return texts("You can also write to {who} directly.", who=who)


def open_chat() -> Text:
    return texts("Open the chat")


def hello_driver(reference: str) -> Text:
    return texts("Hello, I asked you for a ride on EasyMO. Trip {reference}.", reference=reference)


def hello_passenger(reference: str) -> Text:
    return texts("Hello, I am the driver from EasyMO. Trip {reference}.", reference=reference)


_WORDS = {
    5: texts("Excellent"),
    4: texts("Good"),
    3: texts("Fair"),
    2: texts("Poor"),
    1: texts("Bad"),
}


def rating_word(stars: int) -> Text:
    return _WORDS[stars]


def rated(stars: int) -> Text:
    return texts("Thank you! You gave {stars} of 5 stars.", stars=stars)


def rated_before() -> Text:
    return texts("You have rated this trip already. Thank you!")
