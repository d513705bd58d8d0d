"""The report pages: one module and one template each.

A page module has ORDER, TITLE, SUMMARY, `headline` and `content` (see `pipeline.reporting.page.Page`). For every figure
it has a function `<figure>_numbers` that returns exactly what is drawn, and the drawing takes only those numbers.
"""
