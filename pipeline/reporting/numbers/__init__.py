"""What the pages draw, as numbers: one module a page, each function the twin of a figure or table.

Only `marts`, `ops` and `config` are read; nothing is rounded or written for people here.
"""
