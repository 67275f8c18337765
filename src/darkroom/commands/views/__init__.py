"""How reports look, one module each. Nothing here asks a database anything."""
