"""Where loading and querying meet: the DuckDB file, and what all dlt pipelines of darkroom share."""
