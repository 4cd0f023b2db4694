"""Core: who a person is, and who talks to them; home, help, profile, opt-out."""
