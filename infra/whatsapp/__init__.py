"""WhatsApp's Cloud API: what fits into a message, how it is written, how it is sent."""
