"""The report: one HTML file about a finished run, that opens anywhere and needs no network."""
