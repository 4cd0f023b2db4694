"""What people read about their wallet."""
