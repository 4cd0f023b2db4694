"""What people read from mobility, a file for each use case; the translations are in ../locales."""
