"""People, their identities, and the bounds of what is remembered of them."""

from __future__ import annotations

from infra.simulator.messages import Message
from infra.simulator.people import WINDOW_SECONDS, People, Person, default_user_id, digits
from infra.simulator.rates import PAIR_BURST, PAIR_SECONDS, admit


def a_message(people: People, name: str) -> Message:
    """A message with this id."""
    return Message(people.next_sequence(), name, "business", 0.0, "text", {"body": name})


def test_a_person_is_found_by_number_and_by_id() -> None:
    people = People()
    aline = people.by_phone("250788123456")
    assert aline.user_id == default_user_id("250788123456")
    assert people.by_phone("250788123456") is aline
    assert people.by_user_id(str(aline.user_id)) is aline
    hidden = people.by_user_id("RW.99")
    assert (hidden.phone, hidden.key) == (None, "RW.99")


def test_ids_say_the_country() -> None:
    assert default_user_id("250788123456").startswith("RW.")
    assert default_user_id("256788123456").startswith("UG.")
    assert default_user_id("250788123456") != default_user_id("250788123457")


def test_a_number_is_written_in_digits() -> None:
    assert digits("+250 788-123 456") == "250788123456"


def test_the_oldest_messages_make_room() -> None:
    people = People(history=3)
    aline = people.by_phone("250788123456")
    for name in "abcde":
        people.keep(aline, a_message(people, name))
    assert [message.id for message in aline.messages] == ["c", "d", "e"]
    assert people.find("a") is None
    assert people.find("e") == (aline, aline.messages[-1])


def test_the_least_active_lose_their_history_first() -> None:
    people = People(messages=4)
    first, second = people.by_phone("250788000001"), people.by_phone("250788000002")
    for person, name in ((first, "a"), (second, "b"), (first, "c"), (second, "d"), (second, "e")):
        people.keep(person, a_message(people, name))
    assert list(first.messages) == []
    assert [message.id for message in second.messages] == ["b", "d", "e"]
    assert people.find("a") is None


def test_people_are_bounded() -> None:
    people = People(people=2)
    for number in range(5):
        people.by_phone(f"25078800000{number}")
    assert len(people) == 2
    assert people.get(default_user_id("250788000000")) is None


def test_a_number_change_keeps_the_conversation() -> None:
    people = People()
    aline = people.by_phone("250788123456")
    people.keep(aline, a_message(people, "a"))
    aline.phone = "250788999999"
    people.renamed(aline, "250788123456")
    assert people.get("250788123456") is None
    assert people.get("250788999999") is aline


def test_the_window_is_open_for_a_day() -> None:
    person = Person("250788123456", None)
    assert not person.window_is_open(0.0)
    person.last_wrote = 1000.0
    assert person.window_is_open(1000.0 + WINDOW_SECONDS - 1)
    assert not person.window_is_open(1000.0 + WINDOW_SECONDS)


def test_a_burst_is_borrowed_and_paid_back() -> None:
    until, taken = 0.0, 0
    while (after := admit(until, 100.0, PAIR_SECONDS, PAIR_BURST)) is not None:
        until, taken = after, taken + 1
    assert taken == PAIR_BURST
    assert admit(until, 100.0 + PAIR_SECONDS, PAIR_SECONDS, PAIR_BURST) is not None
    assert admit(until, 100.0 + PAIR_SECONDS - 0.1, PAIR_SECONDS, PAIR_BURST) is None
