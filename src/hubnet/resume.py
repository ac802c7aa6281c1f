"""What `hubnet run --checkpoint` and `--resume` find on disk: to go on with, to refuse, or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .engine.routers import BUILT_IN
from .errors import InputError, Problem
from .front import Say
from .keeping import Keeper
from .loading import Scenario
from .study.folder import MANIFEST
from .study.store import PointKeys, model_version
from .sweep_plan import NOT_IN_POINTS
from .unfinished import check_ours, claim, noted, partial_of

if TYPE_CHECKING:
    from .running import RunOptions

NOTE = "run.json"
STUDY = "study_sha256"  # in the manifest
WHAT = {  # key of the note -> what has changed if it differs
    "model_sha256": "another version of hubnet or of numpy",
    "scenario_sha256": "another scenario, or other settings",
    "seed": "another seed",
    "policies": "other policies",
}


@dataclass(frozen=True)
class Identity:
    """What runs are of. note: as JSON, by the keys of WHAT. study: a hash of that, and of which runs are asked for."""

    note: dict[str, Any]
    study: str

    @property
    def runs(self) -> str:
        """A hash of what all runs have in common."""
        return _hash(self.note)


def identity(scenario: Scenario, options: RunOptions) -> Identity:
    """What the runs of a command are of; files that it names count by their content."""
    spec = scenario.spec
    assert spec.source is not None  # it was read from a file
    keys = PointKeys(Path(spec.source.file).parent)
    note = {
        "model_sha256": model_version(),
        "scenario_sha256": keys.key(repr(spec.model_copy(update=NOT_IN_POINTS)), spec.source.tree.plain()),
        "seed": spec.seed if options.seed is None else options.seed,
        "policies": [_policy(place) for place in options.policies],
    }
    asked = [options.allocations, options.replications or spec.replications, options.precision, options.most]
    asked += [options.measure, options.baseline, options.records, spec.name]
    return Identity(note, _hash([note, asked]))


def _policy(place: str) -> list[str]:
    file = Path(place.rpartition(":")[0])
    return [place, "" if place in BUILT_IN else sha256(file.read_bytes()).hexdigest()]


def _hash(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_finished(folder: Path, who: Identity) -> bool:
    """Is this very study in the folder, whole?"""
    return bool(noted(folder / MANIFEST, STUDY) == who.study)


def open_keeper(folder: Path, who: Identity, options: RunOptions, say: Say) -> Keeper:
    """What keeps the runs, and may have some already. Raises InputError rather than lose or mix any."""
    partial = partial_of(folder)
    check_ours(partial, NOTE, "run")
    every = options.checkpoint or noted(partial / NOTE, "every_s")
    keeper = Keeper(partial / "runs", who.runs, every or 0.0)
    changed = [words for key, words in WHAT.items() if noted(partial / NOTE, key) != who.note[key]]
    held = keeper.words()
    if held and (changed or not options.resume):
        of = f"of {changed[0]}" if changed else "of this run, which was not finished"
        ways = "remove that folder, or choose another with -o"
        go_on = "go back to what they are of and --resume" if changed else "go on with --resume"
        raise InputError(Problem(f"{held} kept in {partial}, {of}", f"{go_on}, or {ways}"))
    if not every:
        message = f"--resume: there is nothing to go on with in {partial}"
        raise InputError(Problem(message, 'say how often to save the state as well, such as --checkpoint "1 d"'))
    if options.resume:
        say(f"{held} kept in {partial}" if held else f"nothing to resume in {partial}: all runs are to be played")
    claim(partial, keeper.folder, NOTE, who.note | {"every_s": every, "command": ["hubnet", *options.command]})
    return keeper
