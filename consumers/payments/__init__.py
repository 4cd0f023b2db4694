"""Payments: every notification of a provider becomes one fact, and money that came in is credited once.

- `rules/` reads notifications (JSON and SMS) and says what follows from them. Pure.
- `notified.py` is the way of a notification; `asking.py`, `polling.py` and `paying_out.py` call providers.
- `review.py` is what a person decides about payments that could not be matched.

People hear of it from whoever asked, by the facts on `payments.events`, and from the wallet, which says what
was credited together with the balance.
"""
