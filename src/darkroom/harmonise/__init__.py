"""The bytes of a file become a picture, and the picture a tensor of one size."""
