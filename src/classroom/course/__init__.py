"""The course itself: its registry, the gaps and answers of its notebooks, results, progress, workspaces."""
