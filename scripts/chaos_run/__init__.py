"""The chaos run: the whole system as processes, faults drawn from a seed, and a check from outside."""
