"""From raw files to staged Parquet: recognise, decode, read, stage."""
