"""For those who write the course: proving that it holds together, and beginning an exercise."""
