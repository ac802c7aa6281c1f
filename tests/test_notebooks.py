"""The notebooks run, and what they show in the repository is whole: they are documentation that cannot rot.

Each is executed once, in a fresh kernel, in the folder where its readers start it. What it printed then is not compared
with the committed text (a better model may change numbers), but what kinds of things it showed is.
"""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import hubnet

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MACHINE_PATH = re.compile(r"(?<![\w.])(/(home|work|tmp|root|Users|usr|opt)/|[A-Z]:\\)")
LARGEST = 3_000_000  # bytes

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
_executed = {}


def committed(path):
    return nbformat.read(path, as_version=4)


def executed(path):
    """The notebook after a run of all its cells, which may raise; run once per session."""
    if path not in _executed:
        hubnet.check_policy("nearest")  # compiles the kernel quietly if need be; a run would announce it, once
        book = committed(path)
        for cell in code_cells(book):
            cell.outputs, cell.execution_count = [], None
        options = {"timeout": 180, "kernel_name": "python3", "resources": {"metadata": {"path": str(FOLDER)}}}
        NotebookClient(book, **options).execute()
        _executed[path] = book
    return _executed[path]


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def shown(cell):
    """What kinds of things a cell shows: `stdout`, `image/png`, `text/html` and so on."""
    kinds = set()
    for output in cell.outputs:
        kinds |= {output.name} if output.output_type == "stream" else set(output.get("data", {output.output_type: ""}))
    return kinds


def words(cell):
    """All text that a cell shows, without pictures: base64 has slashes that mean nothing."""
    parts = []
    for output in cell.outputs:
        parts += [output.get("text", ""), *output.get("traceback", [])]
        parts += [text for kind, text in output.get("data", {}).items() if kind.startswith("text/")]
    return "\n".join(parts)


def test_there_is_a_first_look():
    assert (FOLDER / "01-first-look.ipynb") in NOTEBOOKS


@each_notebook
def test_it_runs_without_errors_and_warnings(path):
    for cell in code_cells(executed(path)):
        assert not {"error", "stderr"} & shown(cell), f"{cell.id}: {words(cell)}"


@each_notebook
def test_every_cell_that_shows_something_is_committed_with_it(path):
    now = {cell.id: shown(cell) for cell in code_cells(executed(path))}
    then = {cell.id: shown(cell) for cell in code_cells(committed(path))}
    assert then == now
    assert any("image/png" in kinds for kinds in then.values())


@each_notebook
def test_it_was_committed_after_one_run_from_top_to_bottom(path):
    counts = [cell.execution_count for cell in code_cells(committed(path))]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_committed_outputs_hold_no_errors_warnings_or_machine_paths(path):
    for cell in code_cells(committed(path)):
        assert not {"error", "stderr"} & shown(cell), cell.id
        assert "Traceback" not in words(cell), cell.id
        assert not MACHINE_PATH.search(words(cell)), f"{cell.id}: {MACHINE_PATH.search(words(cell))}"


@each_notebook
def test_it_is_for_every_kernel_and_small(path):
    kernel = committed(path).metadata.kernelspec
    assert (kernel.name, kernel.display_name) == ("python3", "Python 3")
    assert path.stat().st_size < LARGEST


def test_a_path_is_seen_and_markup_is_not():
    """The search above can find something, and takes neither HTML's closing tags nor shares for paths."""
    assert MACHINE_PATH.search("compiled into /tmp/hubnet-0")
    assert MACHINE_PATH.search('File "/home/someone/hubnet.py"')
    assert not MACHINE_PATH.search("<td>1</td>\n</table> ../scenarios/east.yaml 100 Gbit/s yuan/kWh 1/50")
