"""Customer-journey analytics for businesses that only have exported files."""

__version__ = "0.1.0"
