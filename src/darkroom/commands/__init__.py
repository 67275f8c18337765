"""The command `darkroom`: options in, reports out."""
