"""A simulated tea business with known truth.

`simulate` writes what the business would export from Google Analytics 4, HubSpot, Mailchimp, Square and two invented
advertising platforms, and beside it what nobody can export: who is who, which orders are real, and what every channel
caused. See README.md in this folder.
"""

from pipeline.demo.exports import Summary, simulate

__all__ = ["Summary", "simulate"]
