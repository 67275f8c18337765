"""Out of the tables: facts, answers, tensors, pictures, and proof that all is there."""
