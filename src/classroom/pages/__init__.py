"""What a notebook shows and uses: checkpoints, quizzes, slides, pictures, buttons, demos, troubles and tips."""
