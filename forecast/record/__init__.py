"""The record: append-only JSON Lines, chained by hashes, one file per question and writer."""
