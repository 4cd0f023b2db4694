"""The parts of `easymo dead-letters`: choosing, acting in batches, showing."""
