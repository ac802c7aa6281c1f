"""Measures, tables, statistics and folders of results.

The package bears the name of a public verb, `hubnet.study(scenario, ...)`. Python makes the package an attribute of
`hubnet` as soon as any part of it is imported, so the package can be called: it is the verb.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Verb(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        """Simulate every allocation of a scenario; see `hubnet.front.study`."""
        return import_module("hubnet.front").study(*args, **options)


sys.modules[__name__].__class__ = _Verb
