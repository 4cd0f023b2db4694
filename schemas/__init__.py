"""What services share, and nothing else: the envelope, the topics, and the event models."""
