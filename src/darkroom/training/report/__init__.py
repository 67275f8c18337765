"""The report of a training: which images it shows, and the page that shows them."""
