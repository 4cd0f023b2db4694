"""What `easymo bench` runs: each part of the system against its comparison, on this machine, in one run."""
