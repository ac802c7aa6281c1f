"""Objects as plain data: a tree that JSON can hold, and a list of numpy arrays. Nothing of them is code.

`pack` takes what a run consists of: arrays, numbers, texts, lists, tuples, named or not, dicts, and objects of hubnet's
own by their attributes. `unpack` puts such data back into objects of the same kind that have just been made. Both fail
loudly where they meet something else, so that a state is whole or there is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError

AS_IT_IS = (type(None), bool, int, float, str)
Packed = tuple[Any, list[np.ndarray]]  # a tree, and the arrays that it refers to by index


def pack(thing: Any) -> Packed:
    """The thing as plain data; its arrays are not copied. Raises RunError if it holds anything that is not plain."""
    arrays: list[np.ndarray] = []
    return _packed(thing, arrays, "the state"), arrays


def _packed(thing: Any, arrays: list[np.ndarray], where: str) -> Any:
    if type(thing) in AS_IT_IS:
        return thing
    if isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
        return {"array": _added(thing, arrays)}
    if isinstance(thing, np.generic):
        return {"number": _added(np.asarray(thing), arrays)}
    if type(thing) is list and thing and all(type(item) is float for item in thing):
        return {"floats": _added(np.array(thing), arrays)}
    if type(thing) is list and _alike(thing):  # such as a row per time bin: an array per column instead of each cell
        columns = {name: np.stack([item[name] for item in thing]) for name in thing[0]}
        return {"rows": {name: _added(column, arrays) for name, column in columns.items()}}
    if type(thing) in (list, tuple):
        items = [_packed(item, arrays, f"{where}[{place}]") for place, item in enumerate(thing)]
        return {type(thing).__name__: items}
    if isinstance(thing, tuple) and hasattr(thing, "_asdict"):
        parts = {name: _packed(part, arrays, f"{where}.{name}") for name, part in thing._asdict().items()}
        return {"named": parts}
    if type(thing) is dict and all(type(key) is str for key in thing):
        return {"dict": {key: _packed(item, arrays, f"{where}.{key}") for key, item in thing.items()}}
    if type(thing).__module__.startswith("hubnet.") and hasattr(thing, "__dict__"):
        parts = {name: _packed(part, arrays, f"{where}.{name}") for name, part in vars(thing).items()}
        return {"object": type(thing).__name__, "parts": parts}
    raise RunError(f"{where} is a {type(thing).__name__}, which cannot be saved as plain data")


def _added(array: np.ndarray, arrays: list[np.ndarray]) -> int:
    arrays.append(array)
    return len(arrays) - 1


def _alike(items: list[Any]) -> bool:
    """Are these dicts of arrays, with the same shape and type under the same key in all of them?"""
    first = items[0] if items else None
    if type(first) is not dict or not first or not all(isinstance(cell, np.ndarray) for cell in first.values()):
        return False
    form = [(name, cell.shape, cell.dtype) for name, cell in first.items()]
    return all(
        type(item) is dict
        and [(n, getattr(c, "shape", None), getattr(c, "dtype", None)) for n, c in item.items()] == form
        for item in items
    )


def unpack(packed: Packed, target: Any = None) -> Any:
    """The thing again. target: one of the same kind, whose objects are filled, and whose arrays have the types that
    are wanted. Raises RunError if it has another form, as of another version of hubnet."""
    tree, arrays = packed
    return _unpacked(tree, arrays, target, "the state")


def _unpacked(tree: Any, arrays: list[np.ndarray], target: Any, where: str) -> Any:
    if not isinstance(tree, dict):
        return tree
    kind, held = next(iter(tree.items()))
    if kind == "array":
        return _typed(arrays[held], target, where)
    if kind == "number":
        return arrays[held][()]
    if kind == "floats":
        return arrays[held].tolist()
    if kind == "rows":
        columns = {name: arrays[index] for name, index in held.items()}
        return [{name: column[i].copy() for name, column in columns.items()} for i in range(_rows(columns))]
    if kind in ("list", "tuple"):
        given = target if isinstance(target, list | tuple) and len(target) == len(held) else [None] * len(held)
        items = [_unpacked(item, arrays, given[i], f"{where}[{i}]") for i, item in enumerate(held)]
        return items if kind == "list" else tuple(items)
    if kind == "named":
        if not hasattr(target, "_fields") or set(target._fields) != set(held):
            raise RunError(f"{where} is of another form than this version of hubnet has")
        parts = {name: _unpacked(held[name], arrays, getattr(target, name), f"{where}.{name}") for name in held}
        return type(target)(**parts)
    if kind == "dict":
        named = target if isinstance(target, dict) else {}
        return {key: _unpacked(item, arrays, named.get(key), f"{where}.{key}") for key, item in held.items()}
    return _filled(tree, arrays, target, where)


def _rows(columns: dict[str, np.ndarray]) -> int:
    return len(next(iter(columns.values())))


def _typed(array: np.ndarray, target: Any, where: str) -> np.ndarray:
    """The array with the very type of the target's: equal types of records may still differ in how they are aligned."""
    if not isinstance(target, np.ndarray):
        return array
    if array.dtype != target.dtype or array.ndim != target.ndim:
        raise RunError(f"{where} is of another form than this version of hubnet has")
    return array.view(target.dtype)


def _filled(tree: Any, arrays: list[np.ndarray], target: Any, where: str) -> Any:
    """An object with the attributes that were saved."""
    if type(target).__name__ != tree["object"] or set(vars(target)) != set(tree["parts"]):
        raise RunError(f"{where} is of another form than this version of hubnet has")
    for name, part in tree["parts"].items():
        setattr(target, name, _unpacked(part, arrays, getattr(target, name), f"{where}.{name}"))
    return target
