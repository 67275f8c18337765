"""What is in the table, as one picture."""
