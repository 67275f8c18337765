"""What a notebook shows and uses: checkpoints, quizzes, pictures, demos, troubles and tips."""
