"""Samples become rows, and rows tables: a run of `ingest`, from its plan to its report."""
