"""Lets `python -m pipeline` do what `journeys` does."""

from pipeline.cli import main

main()
