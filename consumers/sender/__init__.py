"""Sending: the only domain that talks to the Graph API, and the only one that knows people's addresses."""
