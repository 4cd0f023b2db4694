"""Payments: every notification of a provider becomes one fact, and money that came in is credited once.

- `rules/` reads notifications (JSON and SMS) and says what follows from them. Pure.
- `notified.py` is the way of a notification; `asking.py`, `polling.py` and `paying_out.py` call providers.
- `telling.py` tells people what became of their payments.
- `review.py` is what a person decides about payments that could not be matched.
"""
