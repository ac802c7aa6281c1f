"""Charts and the map of results; `hubnet.plot` is this package."""

from .allocations import compare
from .atlas import map
from .classes import latency, response_parts, response_times
from .costs import accounts
from .critical import resilience_map
from .failures import resilience_bars
from .fibre import trunks, trunks_over_time
from .files import save_all
from .gangs import widths
from .heatmap import heat
from .hubs import utilization, utilization_bars, utilization_over_time
from .nations import nations
from .recovery import incidents
from .stack import demand
from .sweeps import sweep_heat, sweep_lines, tornado
from .years import growth

__all__ = [
    "accounts",
    "compare",
    "demand",
    "growth",
    "heat",
    "incidents",
    "latency",
    "map",
    "nations",
    "resilience_bars",
    "resilience_map",
    "response_parts",
    "response_times",
    "save_all",
    "sweep_heat",
    "sweep_lines",
    "tornado",
    "trunks",
    "trunks_over_time",
    "utilization",
    "utilization_bars",
    "utilization_over_time",
    "widths",
]
