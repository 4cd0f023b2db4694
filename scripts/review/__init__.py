"""The review of a change of schemas: what a git revision had, what is here now, and whom it breaks."""
