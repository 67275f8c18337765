"""What lies there: files in folders, archives and buckets, and what they mean."""
