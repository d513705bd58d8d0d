"""Reports: drawing only, from marts and ops."""
