"""The report of a training: which images it shows, and how."""
