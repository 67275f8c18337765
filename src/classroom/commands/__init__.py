"""The command `classroom`, and pytest's `--classroom`: options in, reports out."""
