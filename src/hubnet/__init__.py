"""hubnet: a simulator of national compute networks.

    import hubnet as hn
    scenario = hn.load("scenarios/two-hubs.yaml")
    result = hn.simulate(scenario, allocation="as-built")
    hn.plot.utilization(result)

Names are imported when they are first used, so that `import hubnet` is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import show as plot
    from . import theory
    from .engine.check import check_policy
    from .engine.decisions import eligible, response, service_time
    from .engine.environment import HubEnvironment
    from .engine.hours import hold, latest_release, mean_carbon, mean_demand, mean_price, next_hour
    from .engine.policy import Router, policy, router
    from .errors import HubnetError, InputError, NationError, PolicyError, RunError, ScenarioError, TableError
    from .front import environment, simulate, study
    from .loading import Scenario, load
    from .nations import nations
    from .network.network import Network
    from .opening import open, scenario_of
    from .resilience_plan import resilience
    from .story import job_story
    from .study.result import Result
    from .study.study import Study
    from .sweep_plan import sweep
    from .yearly import growth

__version__ = "0.1.0"

_HOME = {
    "plot": ".show",
    "theory": ".theory",
    "check_policy": ".engine.check",
    "eligible": ".engine.decisions",
    "response": ".engine.decisions",
    "service_time": ".engine.decisions",
    **dict.fromkeys(
        ("hold", "latest_release", "mean_carbon", "mean_demand", "mean_price", "next_hour"), ".engine.hours"
    ),
    "HubEnvironment": ".engine.environment",
    "Router": ".engine.policy",
    "policy": ".engine.policy",
    "router": ".engine.policy",
    "Scenario": ".loading",
    "environment": ".front",
    "load": ".loading",
    **dict.fromkeys(("open", "scenario_of"), ".opening"),
    "job_story": ".story",
    "simulate": ".front",
    "study": ".front",
    "resilience": ".resilience_plan",
    "sweep": ".sweep_plan",
    "growth": ".yearly",
    "nations": ".nations",
    "Network": ".network.network",
    "Result": ".study.result",
    "Study": ".study.study",
    **dict.fromkeys(
        ("HubnetError", "InputError", "NationError", "PolicyError", "RunError", "ScenarioError", "TableError"),
        ".errors",
    ),
}
_MODULES = ("plot", "theory")

__all__ = [
    "HubEnvironment",
    "HubnetError",
    "InputError",
    "NationError",
    "Network",
    "PolicyError",
    "Result",
    "Router",
    "RunError",
    "Scenario",
    "ScenarioError",
    "Study",
    "TableError",
    "check_policy",
    "eligible",
    "environment",
    "growth",
    "hold",
    "job_story",
    "latest_release",
    "load",
    "mean_carbon",
    "mean_demand",
    "mean_price",
    "nations",
    "next_hour",
    "open",
    "plot",
    "policy",
    "resilience",
    "response",
    "router",
    "scenario_of",
    "service_time",
    "simulate",
    "study",
    "sweep",
    "theory",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hubnet' has no attribute {name!r}")
    module = import_module(_HOME[name], __name__)
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
