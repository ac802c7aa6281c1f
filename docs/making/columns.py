"""What every column of every table says, and in which unit: `name | unit | meaning`, a line each.

The names are compared with those of real tables when the page is written: one that is missing here, or is there no
more, is an error.
"""

from __future__ import annotations

EVERYWHERE = """
hub | | the hub
pool | | the type of its devices; with the hub it names the pool
region | | the region
class | | the class
start_s | s | when the time bin begins, from the start of the run
end_s | s | when it ends
submitted | jobs | submitted in the window
finished | jobs | of these, finished by the horizon
rejected | jobs | of these, rejected
unfinished | jobs | of these, still under way at the horizon
deadline_met | share | deadlines met over those met and missed; open ones are left out
allocation | | the allocation; of a run with several policies, "allocation, policy"
replication | | the replication, from 0
at_least | | the true value is this or more: it falls on jobs that have not finished
"""

TABLES = {
    "utilization": """
devices | devices | in force, mean over the window, without the reserve
utilization | share | busy over in force
busy_device_s | device-seconds | busy in the window
capacity_device_s | device-seconds | in force in the window, or busy if that is more
""",
    "pools": """
devices | devices | in force, mean over the bin
busy | devices | busy, mean over the bin
utilization | share | busy over in force
waiting | jobs | in the queue, mean over the bin
""",
    "trunks": """
trunk | | the trunk; each has a row per direction
from | | the city where the direction begins
to | | the city where it ends
bits | bit | carried in the bin
use | share | of the capacity in force less the background; NaN while the trunk is cut
saturated | share | of the bin in which it was full
up | share | of its capacity that was in force, mean over the bin
""",
    "transfers": """
stalled | transfers | that stood still for want of a path, mean over the bin
open | jobs | in flight when the bin ends
""",
    "classes": """
rejected_too_large | jobs | no pool that they may use has so many devices
rejected_no_path | jobs | none of those can be reached
rejected_policy | jobs | the policy forbids them all, or they are beyond the class's tolerance
""",
    "widths": """
width | | devices per job, in words: 1, 2, 3-4, 5-8, ...
devices_least | devices | the fewest of the bin
devices_most | devices | the most of the bin
""",
    "regions": """
slowdown_mean | | bounded slowdown, mean of finished jobs
response_mean_s | s | response, mean of finished jobs
""",
    "rejections": """
reason | | too-large, no-path or policy
jobs | jobs | rejected for it
""",
    "demand": """
jobs | jobs | submitted in the bin, whatever became of them, the warm-up included
device_s | device-seconds | their devices x work, on the reference device
devices | devices | of the reference type that would be busy if every job ran from its submission, mean over the bin
""",
    "od": """
region | | where the jobs come from
hub | | where they went
jobs | jobs | that went there
device_s | device-seconds | that they were served
input_bits | bit | their input
output_bits | bit | their output that was sent
""",
    "accounts": """
part | | "class": used by the jobs of a class; "stopped": used by jobs until an incident stopped them; "idle": by nobody
class | | the class; empty for the other parts
device_s | device-seconds | in the window
energy_kwh | kWh | device time x power x PUE; idle devices take `accounts.idle_power` of the busy power
cost_yuan | yuan | of that electricity
carbon_kg | kg | CO2, by the factor of the grid
carbon_contract_kg | kg | CO2, by contracts for green power
capital_yuan | yuan | the devices, paid off over their lifetime with interest
value_yuan | yuan | the work that was done, by the value of its class
""",
    "incidents": """
incident | | its number
what | | in words
kind | | cut, degrade, outage or surge
target | | the trunk or pool that it concerns
hub | | its hub
factor | share | of capacity or devices that was left; of a surge, the factor on the rate
at_s | s | when it began
end_s | s | when it ended; inf: in force when the run ends
flows_moved | transfers | under way when it began, that got another path
flows_stalled | transfers | under way when it began, that had no path
pairs_moved | pairs | of region and hub, that got another path
pairs_cut_off | pairs | of region and hub, that had no path
detour_mean_ms | ms | one-way delay that moved pairs gained, mean; NaN if none moved
detour_max_ms | ms | the same, most
jobs_displaced | jobs | stopped while they ran
work_lost_device_s | device-seconds | that no checkpoint had
""",
    "jobs": """
job | | its number, by submit time
region | | where it was submitted
hub | | where it was sent; empty if it has none
devices | devices | that it takes at once
submit_s | s | when it was submitted, from the start of the run
release_s | s | when it left its region: submit, or later if the policy held it
sent_s | s | when the last bit of its input was sent
deliver_s | s | when that bit arrived at the hub
start_s | s | when it got its devices
end_s | s | when it gave them back
finish_s | s | when the last bit of its output was back in the region
status | | finished, rejected or unfinished
reason | | why it was rejected
attempts | | more than 1: an incident or a job of higher priority stopped it, and it went on or began anew
work_s | s | service time on the reference device
input_bit | bit | uploaded
output_bit | bit | downloaded
deadline_s | s | longest allowed response, from submit; inf: none
one_way_s | s | delay of the path that it took
""",
    "measures": """
path | | the measure, as a list of its parts: see below
value | | in the unit of the measure; NaN: a measure of nothing
""",
    "study": """
measure | | the measure, its parts joined by dots
value | | in the unit of the measure; NaN: a measure of nothing
""",
    "failures": """
rank | | 1 is the worst of its allocation
kind | | trunk, hub or type
failure | | the trunk, hub or type of device that fails
deadlines_missed | jobs | more deadlines missed than without the failure; so in all columns of harm
unfinished | jobs | rejected, or still under way at the horizon
response_mean_s | s | response of finished jobs, mean; NaN without any
response_p95_s | s | response that 95% do not exceed; NaN if unknown in the baseline
work_lost_device_s | device-seconds | lost by jobs that were stopped
one_way_ms | ms | delay of jobs, mean, with their choice of another hub
flows_stalled | transfers | without a path when it began
pairs_cut_off | pairs | of region and hub, without a path
detour_ms | ms | delay that pairs with another path gained, mean
harmless | | none of these is above 0
rank_best | | highest rank in a single replication
rank_worst | | lowest rank in a single replication; equals have all the ranks that they share
""",
    "promises": """
promise | | as in the scenario; of a class, `classes.NAME.` before it
year | | the year
target | | what is promised: a share, or s of response
value | | the mean over the replications; of hubs and trunks, that of the fullest
where | | that hub or trunk
kept | | true, false, or NA: a lower bound does not tell
""",
    "breaks": """
promise | | as in the scenario
year | | the first in which it breaks; NA: it holds in all
target | | what is promised: a share, or s of response
value | | in that year; in the last one, if it holds
where | | the fullest hub or trunk then
kept | | in all years
sure | | false: a lower bound does not tell whether it held until then
""",
}

SPREADS = {  # of classes and widths: the beginning of a column's name -> its unit, and what is measured
    "response": ("s", "finish - submit"),
    "wait": ("s", "start - deliver"),
    "one_way": ("s", "delay of the path"),
    "held": ("s", "release - submit; of a job that was stopped, its earlier attempts too"),
    "upload": ("s", "sent - release"),
    "propagation": ("s", "on the way, there and back"),
    "service": ("s", "end - start"),
    "download": ("s", "the output's transfer"),
    "slowdown": (
        "",
        "bounded slowdown: (held + wait + service) over service, or over 10 s if that is more; 1 at least",
    ),
}

MEASURES = """
jobs.NAME | jobs | submitted in the window, and what became of them: finished, rejected, unfinished
response_s.STATISTIC | s | finish - submit
wait_s.STATISTIC | s | start - deliver
held_s.STATISTIC | s | release - submit
slowdown.STATISTIC | | bounded slowdown
one_way_ms.STATISTIC | ms | delay of the path that jobs took
deadline_met | share | deadlines met over those met and missed
deadlines_missed | jobs | of all classes
utilization.mean | share | busy device-seconds over those in force, of all pools
utilization.by_hub.NAME | share | of a hub's pools
utilization.by_pool.NAME | share | of a pool, "hub/type"
goodput | share | of the device-seconds in force that jobs had which finished by their deadline, or had none
trunk_use.mean | share | bits carried over what could have been, of all directions together
trunk_use.max | share | of the fullest direction
trunk_use.by_trunk.NAME | share | of a direction, "A->B"
trunk_saturated.max | share | of the window in which the direction that was full longest was full
trunk_saturated.by_trunk.NAME | share | of a direction
incidents.count | incidents | that began
incidents.jobs_displaced | jobs | stopped while they ran
incidents.work_lost_device_s | device-seconds | that no checkpoint had
incidents.flows_moved | transfers | that got another path when an incident began
incidents.flows_stalled | transfers | that had none
incidents.pairs_moved | pairs | of region and hub that got another path
incidents.pairs_cut_off | pairs | that had none
incidents.detour_ms.NAME | ms | mean and max of the delay that moved pairs gained
stalled_transfers.mean | transfers | standing still for want of a path, mean over the window
east_to_west_jobs | jobs | from a region in the area `east` to a hub in `west`; null without areas
east_to_west_bits | bit | their input
fairness | | Jain's index of the regions' mean bounded slowdowns: 1 is equal, 1/n is all in one of n
regions.NAME.jobs | jobs | submitted in the region
regions.NAME.deadline_met | share | deadlines met over those met and missed
regions.NAME.slowdown.mean | | bounded slowdown of finished jobs
widths.NAME.jobs | jobs | of that many devices
widths.NAME.wait_s.STATISTIC | s | their wait
classes.NAME.jobs.NAME | jobs | as above, of one class; so are the other measures of jobs
classes.NAME.response_s.STATISTIC | s | finish - submit
classes.NAME.wait_s.STATISTIC | s | start - deliver
classes.NAME.held_s.STATISTIC | s | release - submit
classes.NAME.slowdown.STATISTIC | | bounded slowdown
classes.NAME.one_way_ms.STATISTIC | ms | delay of the path
classes.NAME.deadline_met | share | deadlines met over those met and missed
classes.NAME.ACCOUNT | kWh, yuan, kg | energy and so on of the device time that its jobs had
ACCOUNT | kWh, yuan, kg | energy_kwh, cost_yuan, carbon_kg, carbon_contract_kg, capital_yuan or value_yuan, of all
accounts.per_job.ACCOUNT | kWh, yuan, kg | over finished jobs
accounts.per_eflop_hour.ACCOUNT | kWh, yuan, kg | over busy device-hours x dense FP16 EFLOPS
accounts.idle.ACCOUNT | kWh, yuan, kg | of devices without work
accounts.stopped.ACCOUNT | kWh, yuan, kg | of what jobs had used when an incident stopped them
accounts.by_hub.NAME.ACCOUNT | kWh, yuan, kg | of a hub
"""


def lines_of(text: str) -> dict[str, tuple[str, str]]:
    """Name -> unit and meaning."""
    found = {}
    for line in text.strip().splitlines():
        name, unit, meaning = (part.strip() for part in line.split("|", 2))
        found[name] = unit, meaning
    return found
