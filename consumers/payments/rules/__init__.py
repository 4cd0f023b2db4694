"""What notifications say, and what follows from it. Pure."""
