"""Images, labels and masks for other programs."""
