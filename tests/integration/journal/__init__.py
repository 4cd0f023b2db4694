"""What is read back: accounts, replays, traces."""
