"""Pure parts of reading back what happened."""
