"""What mobility decides from values alone: no clock, no I/O, no randomness."""
