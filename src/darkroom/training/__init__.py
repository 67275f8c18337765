"""A baseline model: what good images have in common, learned; what is not like them, found and shown."""
