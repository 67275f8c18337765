"""How reports look: as text for a terminal of 80 columns or a pipe, and as JSON."""
