"""Scattered inspection images in, one DuckDB table out."""
