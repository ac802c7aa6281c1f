"""`Scenario`: what a file or plain values say, with the network, the allocations and the jobs that follow from it."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .checking import check
from .engine.policy import Router
from .engine.setup import Setup
from .errors import InputError, ScenarioError
from .network.allocation import Allocation, allocate, reserved
from .network.equalise import equalised, total
from .network.given import given_devices
from .network.graph_file import is_graph_file, read_network
from .network.nation import Nation, load_nation
from .network.network import Network, unknown
from .network.refer import names_of
from .network.supply import faster, grown, rated, supplied
from .scenario.growth import later, restricted_share
from .scenario.load import from_values, problem_at, read, revised
from .scenario.schema import ScenarioSpec
from .scenario.words import quote
from .setting_up import set_up
from .workload.arrivals import JobClass
from .workload.incidents import Incident, incidents
from .workload.mix import Fleet, Frame, Mix, build_mix
from .workload.parts import Parts, class_parts, class_specs
from .workload.rates import Surge, week_second
from .workload.surges import Peak, peak, planned_surges, with_surges
from .workload.traces.play import TraceJobs
from .workload.traces.typical import typical_classes
from .workload.traces.wiring import Surroundings, scenario_jobs

# Parts of a scenario that its trace does not depend on, as they are left out of a comparison.
NOT_OF_TRACES = {"policy": None, "allocations": None, "incidents": None, "replications": 0, "seed": 0}


class Scenario:
    """Everything that one scenario says, ready to be simulated.

    From a file: `hubnet.load`. From plain values: `Scenario(name=..., network={...}, clock={"horizon": "1 d"},
    ...)` with the keys of the file and quantities as text. Raises ScenarioError with every problem found.
    """

    def __init__(self, spec: ScenarioSpec | None = None, **values: Any) -> None:
        if spec is None:
            spec = from_values({"hubnet": 1, **values}, names_of=names_of())
        self.spec = spec
        self._nation: Nation | None = None
        self._network: Network | None = None
        self._parts: tuple[Mapping[str, Any], Mapping[str, Parts]] | None = None
        self._trace: TraceJobs | None = None
        self._first: Scenario | None = None  # it, in the first of its years
        self._nations: dict[str, Scenario] = {}  # it, in each of its nations
        self._base: Scenario | None = None  # where the demand is set, if that is another nation
        self._names = cache(names_of(self._folder()))
        check(self)

    def varied(self, settings: Sequence[str], option: str = "--set") -> Scenario:
        """This scenario with more settings, such as "workload.load=70 %"; what they do not touch is not built again.

        option: what problems call the settings. Raises ScenarioError with every problem found.
        """
        made, old = copy.copy(self), self.spec
        made._first, made._nations, made._base = None, {}, None
        made.spec = new = revised(old, settings, self._names, option)
        if new.network != old.network:
            made._nation = None
        if (new.network, new.nations, new.devices, new.fibre) != (old.network, old.nations, old.devices, old.fibre):
            made._network = None
        if (new.network, new.devices, new.workload) != (old.network, old.devices, old.workload):
            made._parts = None
        if later(new) != later(old):
            made._network = made._parts = None
        if new.model_copy(update=NOT_OF_TRACES) != old.model_copy(update=NOT_OF_TRACES):
            made._trace = None
        check(made)
        return made

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def allocations(self) -> tuple[str, ...]:
        """Names of the allocations; the first is the base of comparisons, and sets the load."""
        return tuple(self.spec.allocations)

    @property
    def nations(self) -> tuple[str, ...]:
        """The nations in which the same demand is simulated; none if there is one network, or if one is chosen."""
        return self.spec.nations if self.spec.nations and self.spec.nation is None else ()

    def in_nation(self, name: str) -> Scenario:
        """The scenario in one of its `nations`: its network, its prices; the demand is that of the first one.

        Raises InputError for a nation that is not one of them.
        """
        if name not in (self.spec.nations or ()):
            raise InputError(unknown("nation", name, self.spec.nations or (), "nations of the study"))
        if name not in self._nations:
            self._nations[name] = self.varied([f"nation={json.dumps(name, ensure_ascii=False)}"], "in_nation")
        return self._nations[name]

    def is_base(self, allocation: str) -> bool:
        """Is this the allocation that sets the load, and what `equalise` brings others to?"""
        return allocation == self.allocations[0] and self._in_first_nation() is self

    def _in_first_nation(self) -> Scenario:
        """Where the demand is set; the scenario itself if it is there, or of one network only."""
        first = self.spec.nations[0] if self.spec.nations else self.spec.network
        if self.spec.network == first:
            return self
        if self._base is None:
            self._base = made = copy.copy(self)
            made.spec = self.spec.model_copy(update={"nation": first, "network": first})
            made._nation = made._network = made._parts = made._trace = None
        return self._base

    def __repr__(self) -> str:
        return f"<hubnet scenario {self.name!r}: allocations {', '.join(self.allocations)}>"

    def nation(self) -> Nation | None:
        """The nation that the scenario names; None if its network is spelled out, or in a graph's file."""
        if self._nation is None and isinstance(self.spec.network, str) and not is_graph_file(self.spec.network):
            self._nation = load_nation(self.spec.network, self._folder())
        return self._nation

    def network(self) -> Network:
        """The network as built: the graph, paths, pools before scale and allocation."""
        if self._network is None:
            nation, layer, devices = self.nation(), self.spec.fibre.layer, given_devices(self.spec, self._folder())
            if nation is not None:
                made = Network.from_nation(nation, layer, devices)
            elif isinstance(self.spec.network, str):
                made = read_network(self._folder() / self.spec.network, layer, devices)
            else:
                made = Network.from_spec(self.spec.network, devices, layer)
            made = rated(made, self._reference_factor(), self.spec.devices)
            self._network = faster(made, later(self.spec))
        return self._network

    def allocation(self, name: str) -> Allocation:
        """How many devices are in each pool, and what each trunk carries, at the scenario's scale and in its year."""
        return equalised(self.network(), self.spec.equalise, self._allocation(name), self._goal)

    def _goal(self) -> float:
        """What `equalise` brings all allocations to."""
        base = self._in_first_nation()
        return total(base._allocation(self.allocations[0]), self.spec.equalise, base.network().devices)

    def _reference_factor(self) -> float:
        """FP16 TFLOPS of the nation's reference device over those of the first nation's, whose jobs these are."""
        base = self._in_first_nation()
        mine, theirs = (one.reference_tflops if (one := each.nation()) else None for each in (self, base))
        if base is self or mine == theirs:
            return 1.0
        if mine is None or theirs is None:
            lacking = self if mine is None else base
            message = (
                f"the reference device of {quote(str(lacking.spec.network))} has no TFLOPS, so speeds do not compare"
            )
            raise ScenarioError(problem_at(self.spec, ("nations",), message, "give reference_tflops in its nation.csv"))
        return mine / theirs

    def _allocation(self, name: str) -> Allocation:
        """Likewise, before allocations are brought to the same total."""
        spec, network = self.spec, self.network()
        wanted = grown(allocate(network, name, spec.allocations, spec.scale), network, later(spec))
        return supplied(wanted, network, restricted_share(spec), spec.supply.fill if spec.supply else None)

    def mix(self) -> Mix:
        """The job classes with their rates; of a trace, what its jobs ask for in the mean (`typical_classes`)."""
        spec, network = self.spec, self.network()
        if (trace := self.trace()) is not None:
            return Mix(typical_classes(trace, network.regions, spec.clock.horizon), trace.places)
        frame = Frame(
            weights=self._weights(),
            hubs=network.hubs,
            capacity=self.capacity(self.allocations[0]),
            horizon=spec.clock.horizon,
            load=spec.workload.load,
            scale=spec.scale,
            wave=math.inf if network.wave_bit_s is None else network.wave_bit_s,
            waves=self._waves(),
            fleet=self.fleet(self.allocations[0]),
        )
        made, moved = build_mix(*self.parts(), frame), later(spec)
        if (base := self._in_first_nation()) is not self:
            return made.at_rates({klass.name: klass.rate for klass in base.mix().classes})
        if moved is None:
            return made
        first = {klass.name: klass.rate for klass in self._in_first_year().mix().classes}
        return made.at_rates({name: rate * moved.demand(name) for name, rate in first.items()})

    def parts(self) -> tuple[Mapping[str, Any], Mapping[str, Parts]]:
        """What the scenario, or the nation it takes them from, says of each class, and the distributions in it."""
        if self._parts is None:
            spec, nation = self.spec, self._nation_of_classes()
            self._parts = class_specs(spec, nation, self.nation()), class_parts(spec, nation, self._folder())
        return self._parts

    def fleet(self, allocation: str) -> Fleet:
        """The devices of an allocation."""
        network = self.network()
        area_of = {hub: network.graph.nodes[hub].get("area") for hub in network.hubs}
        return Fleet(pools=self.allocation(allocation).pools, devices=network.devices, area_of=area_of)

    def in_year(self, year: int) -> Scenario:
        """The scenario of a year from the first of its `years` to the last. Raises ScenarioError for another."""
        return self.varied([f"year={year}"], "in_year")

    def _in_first_year(self) -> Scenario:
        if self._first is None:
            self._first = made = copy.copy(self)
            made.spec = self.spec.model_copy(update={"year": None})
            made._network = made._parts = None
        return self._first

    def expected_classes(self) -> tuple[JobClass, ...]:
        """The classes with the rates that surges give them in the mean over a run, for estimates."""
        clock = self.spec.clock
        return with_surges(self.mix().classes, self.surges(), week_second(clock.start), clock.horizon)

    def peak(self) -> Peak | None:
        """The busiest moment of the surges; None without any."""
        clock = self.spec.clock
        return peak(self.mix().classes, self.surges(), week_second(clock.start), clock.horizon)

    def trace(self) -> TraceJobs | None:
        """The trace that the jobs come from, as the scenario changes it; None if they come from classes."""
        if self._trace is None and self.spec.workload.trace is not None:
            network = self.network()
            around = Surroundings(
                weights=self._weights(),
                hubs=network.hubs,
                devices=tuple(network.devices),
                wave=math.inf if network.wave_bit_s is None else network.wave_bit_s,
                waves=self._waves(),
            )
            self._trace = scenario_jobs(self.spec, self._folder(), around)
        return self._trace

    def trace_file(self) -> Path | None:
        """The file of the trace; None if the jobs come from classes."""
        name = self.spec.workload.trace
        return None if name is None else self._folder() / name

    def _weights(self) -> dict[str, float]:
        """Region -> its share of the jobs that come from nowhere in particular, in order of index."""
        graph = self.network().graph
        return {name: graph.nodes[name].get("weight", 1.0) for name in self.network().regions}

    def _waves(self) -> dict[str, float]:
        """Region -> the wave that it names, if it does, in bit/s."""
        spelled = {} if isinstance(self.spec.network, str) else self.spec.network.regions
        return {name: region.wave for name, region in spelled.items() if region.wave is not None}

    def _nation_of_classes(self) -> Nation | None:
        """The nation whose classes the scenario takes, if it takes any's."""
        classes = self.spec.workload.classes
        if not isinstance(classes, str):
            return None
        return self.nation() if classes == self.spec.network else load_nation(classes, self._folder())

    def capacity(self, allocation: str) -> float:
        """Devices x speed of an allocation, less the reserve: reference devices."""
        share, devices = self.reserve, self.network().devices
        pools = self.allocation(allocation).pools
        return math.fsum(reserved(count, share) * devices[kind].speed for (_, kind), count in pools.items())

    @property
    def reserve(self) -> float:
        """The share of every pool set aside for services that are not simulated job by job."""
        return math.fsum(self.spec.reserve.values())

    def setup(self, allocation: str, router: Router, seed: int, replication: int = 0) -> Setup:
        """One run, ready for an engine; with `warmup: auto` it has none yet (see `hubnet.plan`)."""
        return set_up(self, allocation, router, seed, replication)

    @property
    def stationary(self) -> bool:
        """Do runs begin with jobs under way? Unless told, a nation is at work, and a network of one's own or one that
        plays a trace is not."""
        traced = self.spec.workload.trace is not None
        usual = "stationary" if self.nation() is not None and not traced else "empty"
        return (self.spec.clock.initial or usual) == "stationary"

    def incidents(self, seed: int, replication: int = 0) -> tuple[Incident, ...]:
        """What happens to the network during a run, random failures included; the same for every allocation."""
        network, horizon = self.network(), self.spec.clock.horizon
        specs = [spec for spec in self.spec.incidents if spec.surge is None]
        return incidents(specs, network.trunk_names, network.hubs, seed, replication, horizon)

    def surges(self) -> tuple[Surge, ...]:
        """What happens to demand during a run; the same for every allocation and replication."""
        return planned_surges(self.spec.incidents)

    def _folder(self) -> Path:
        """Relative folders of tables start here: where the scenario's file is."""
        source = self.spec.source
        return Path(source.file).parent if source and source.file else Path()


def load(path: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """Read a scenario file. overrides: settings such as "workload.load=70 %". Raises ScenarioError."""
    return Scenario(read(path, overrides=list(overrides), names_of=names_of(Path(path).parent)))
