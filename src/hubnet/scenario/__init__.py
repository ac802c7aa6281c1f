"""What people write: the scenario file, its schema and units, and messages about what is wrong in it."""

from hubnet.scenario.classes import Choice, Constant, Distribution, Exponential, Lognormal
from hubnet.scenario.load import from_values, locate, parse, problem_at, read
from hubnet.scenario.names import Names
from hubnet.scenario.reference import Row, json_schema, reference_table
from hubnet.scenario.schema import (
    AllocationSpec,
    ClassSpec,
    ClockSpec,
    DeviceSpec,
    ExchangeSpec,
    FibreSpec,
    HubSpec,
    IncidentSpec,
    MoveSpec,
    NetworkSpec,
    PolicySpec,
    RegionSpec,
    ScenarioSpec,
    Times,
    TrunkSpec,
    WorkloadSpec,
)

__all__ = [
    "AllocationSpec",
    "Choice",
    "ClassSpec",
    "ClockSpec",
    "Constant",
    "DeviceSpec",
    "Distribution",
    "ExchangeSpec",
    "Exponential",
    "FibreSpec",
    "HubSpec",
    "IncidentSpec",
    "Lognormal",
    "MoveSpec",
    "Names",
    "NetworkSpec",
    "PolicySpec",
    "RegionSpec",
    "Row",
    "ScenarioSpec",
    "Times",
    "TrunkSpec",
    "WorkloadSpec",
    "from_values",
    "json_schema",
    "locate",
    "parse",
    "problem_at",
    "read",
    "reference_table",
]
