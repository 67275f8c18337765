"""What to know of a table before training on it: leakage, contradictions, masks, sizes, drift, rejects."""
