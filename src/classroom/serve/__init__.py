"""Opening the course: the front page, lessons, the editor, the run of show, and a look at the machine."""
