"""`python -m hubnet` is the `hubnet` command."""

from .cli import main

main()
