"""Proof that the table is what it says it is, and that two people have the same."""
