"""Our schemas over the REST API of the Confluent Schema Registry, and into a registry of somebody else's.

`server.serving` is the server, `pushing.push` the way into another registry. What the API answers, with
which codes, follows the OpenAPI document and the error list of Confluent's own server;
infra/decisions/0083 says where we differ, and why.
"""
