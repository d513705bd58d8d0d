"""Contracts and expectations against the rows: reject, warn, block; and the count that shows nothing was lost."""
