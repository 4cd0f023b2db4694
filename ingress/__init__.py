"""The ingress: verify what Meta and the providers post, split it, publish it, answer. No state, no domain."""
