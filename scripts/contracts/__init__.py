"""The subcommands of `easymo schemas`, a file each; scripts/schemas.py lists them."""
