"""Providers that are asked for payments, or to pay: one small interface, a client each."""
