"""The payment providers that post to us: a file each, and which of them are switched on."""
