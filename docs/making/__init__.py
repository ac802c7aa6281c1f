"""What writes the pages of the reference from the code, a module per page."""
