"""The rate limit: 300 in a minute for each client, for a bounded number of clients."""

from __future__ import annotations

from ingress.limits import RateLimit


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_301st_in_a_minute_is_one_too_many() -> None:
    limit = RateLimit(300, clock=Clock())
    standings = [limit.count("192.0.2.1") for _ in range(302)]
    assert [standing.exceeded for standing in standings] == [False] * 300 + [True] * 2
    assert [standing.just_exceeded for standing in standings] == [False] * 300 + [True, False]


def test_the_headers_say_when_to_come_back() -> None:
    clock = Clock()
    limit = RateLimit(1, clock=clock)
    limit.count("192.0.2.1")
    clock.now += 17.5
    assert limit.count("192.0.2.1").headers() == [
        ("retry-after", "43"),
        ("x-ratelimit-limit", "1"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "43"),
    ]


def test_a_window_begins_with_the_first_request_and_ends_after_a_minute() -> None:
    clock = Clock()
    limit = RateLimit(2, clock=clock)
    assert not limit.count("192.0.2.1").exceeded
    clock.now += 59.9
    assert not limit.count("192.0.2.1").exceeded
    assert limit.count("192.0.2.1").exceeded
    clock.now += 0.1
    assert limit.count("192.0.2.1").used == 1


def test_clients_are_counted_apart() -> None:
    limit = RateLimit(1, clock=Clock())
    assert [limit.count(f"192.0.2.{n}").used for n in (1, 2, 1)] == [1, 1, 2]


def test_an_ipv6_network_is_one_client() -> None:
    limit = RateLimit(1, clock=Clock())
    addresses = (
        "2001:db8:0:1::1",
        "2001:db8:0:1:ffff::2",
        "2001:db8:0:2::1",
        "::ffff:192.0.2.1",
        "192.0.2.1",
    )
    assert [limit.count(address).used for address in addresses] == [1, 2, 1, 1, 2]


def test_what_is_no_address_is_still_limited() -> None:
    limit = RateLimit(1, clock=Clock())
    assert [limit.count("").used, limit.count("").used, limit.count("unix:").used] == [1, 2, 1]


def test_newcomers_beyond_the_bound_share_a_count_and_the_old_keep_theirs() -> None:
    clock = Clock()
    limit = RateLimit(5, addresses_limit=2, clock=clock)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"):
        last = limit.count(address)
    assert last.used == 2
    assert limit.count("192.0.2.1").used == 2
    clock.now += 61
    assert limit.count("192.0.2.4").used == 1
    assert len(limit._windows) == 1


def test_memory_is_bounded() -> None:
    limit = RateLimit(5, addresses_limit=100, clock=Clock())
    for number in range(5000):
        limit.count(f"10.0.{number // 256}.{number % 256}")
    assert len(limit._windows) <= 101
