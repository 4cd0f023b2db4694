"""The ingress as an OpenAPI 3.1 document. The service itself does not import this, nor serve it: see 0085."""

from ingress.openapi.document import document

__all__ = ["document"]
