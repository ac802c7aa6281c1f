"""The state of a run, as a few record arrays that both gears read and write.

`World` is what a policy sees: jobs in flight, pools, pairs of region and hub. `Machine` is what only the event
loop needs: the calendar, the block being read, the output buffer, the trunks. Both are named tuples of arrays;
a compiled gear gets the record arrays themselves, plain Python gets `Columns` over the same memory, so that
`world.jobs.deadline[job]` means the same in both.

`World.fit` [places, pools] is the factor on a pool's speed for jobs under a rule of place; 0 = they may not run there.
Time is s, sizes are bit, rates bit/s, work is s on the reference device.
"""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from ..workload.jobs import JOB

# kinds of events, in the order in which they are played at equal times
END_SERVICE, END_TRANSFER, FINISH, INCIDENT, DELIVERY, RELEASE, SUBMIT = range(7)
KIND = 2**56  # an event's key is kind * KIND + id, so ids stay below 2^56

REACHED, REFILL, FLUSH, GROW, WATCHED, FAULT, REROUTE = range(7)  # why the event loop stopped: see `kernel.advance`

FINISHED, REJECTED, UNFINISHED = range(3)  # status of a job's row
STATUS = ("finished", "rejected", "unfinished")
NO_REASON, TOO_LARGE, NO_PATH, POLICY = range(4)  # why a job was rejected
REASON = ("", "too-large", "no-path", "policy")
CUT_OFF = 4  # not a reason to reject: only incidents keep the job from every pool that it may use

FIFO, PRIORITY, BACKFILL, PREEMPT = range(4)
UNSEEN, NOBODY = 0, 2**62  # of `POOL.wanted`: some job has not been tried; no number of devices would help any
DISCIPLINE = ("fifo", "priority", "backfill", "preempt")

RESIZE, POOL_FACTOR, TRUNK_FACTOR, REPAIR = range(4)  # kinds of changes
ANNOUNCED, IN_FORCE, OVER = range(3)  # states of a change

NOTHING, INPUT, OUTPUT = range(3)  # what a job is sending

SLOT = np.dtype(  # a job in flight; the slot is used again when it has left
    [
        ("id", "i8"),  # first what a change of rates looks at, so that it lies side by side in memory
        ("mark", "f8"),  # what the class's clock shows when its last bit is sent; else the bits of a stalled flow
        ("child", "i8"),  # in the class's pairing heap of marks
        ("sibling", "i8"),
        ("flow", "i8"),  # the path class of its flow, where links are shared
        ("rate", "f8"),  # bit/s of its flow, where they are not
        ("sends", "i8"),  # NOTHING, INPUT or OUTPUT
        ("devices", JOB["devices"]),  # then what backfill looks at
        ("planned", "f8"),  # s, by its estimate: how long it will take, while it waits; when it will end, once it runs
        ("next", "i8"),  # the slot behind it in the pool's queue, or among the running jobs
        ("before", "i8"),  # the slot ahead of it there
        *((name, JOB[name]) for name in JOB.names or () if name not in ("id", "devices")),
        ("pool", "i8"),
        ("hub", "i8"),
        ("release", "f8"),
        ("sent", "f8"),
        ("deliver", "f8"),
        ("start", "f8"),
        ("end", "f8"),
        ("one_way", "f8"),  # s, of the path that its input took
        ("one_way_back", "f8"),  # s, of the path that its result took
        ("whole", "f8"),  # s, the work that it came with: `work` is what checkpoints have left of it
        ("attempts", "i8"),  # how often it was routed
        ("stranded", "i8"),  # 1: it may be routed over a path that is down, as every other is too
        ("live", "i8"),  # 1 while a job is in flight here, 2 while it is only announced
    ],
    align=True,
)

POOL = np.dtype(
    [
        ("hub", "i8"),
        ("device", "i8"),  # index of the device type
        ("nominal", "i8"),  # devices it was built with, or resized to
        ("devices", "i8"),  # devices in force
        ("busy", "i8"),
        ("running", "i8"),  # jobs
        ("ends", "f8"),  # sum over running jobs of devices x end time: device-s
        ("waiting", "i8"),  # jobs in the queue
        ("coming", "i8"),  # jobs routed here and not yet delivered
        ("queued_devices", "i8"),  # devices that waiting and coming jobs want
        ("queued_work", "f8"),  # over the pool's speed: their devices x service time, device-s
        ("shadow_head", "i8"),  # the head of the queue for which the next two hold, or NONE: see `disciplines`
        ("shadow", "f8"),  # s, when it will fit by the estimates
        ("extra", "i8"),  # devices that will be left over then
        ("wanted", "i8"),  # devices that must be free for some job to pass the head since all were tried; or UNSEEN
        ("first_running", "i8"),  # the running job that ends first by its estimate
        ("speed", "f8"),  # over the reference device's
        ("power", "f8"),  # W per device
        ("price", "f8"),  # yuan/kWh
        ("carbon", "f8"),  # kg/kWh
        ("pue", "f8"),
        ("since", "f8"),  # the integrals below are complete up to this time
        ("busy_s", "f8"),  # device-s
        ("devices_s", "f8"),  # device-s, of devices in force
        ("capacity_s", "f8"),  # device-s, of max(devices in force, busy)
        ("waiting_s", "f8"),  # job-s
        ("stopped_s", "f8"),  # device-s of jobs that incidents stopped here
        ("stopped_wait_s", "f8"),  # job-s for which they had waited
    ],
    align=True,
)

PAIR = np.dtype(  # region x hub
    [
        ("one_way", "f8"),  # s; inf = no path
        ("capacity", "f8"),  # bit/s left by the background on the narrowest trunk; inf on an empty path
        ("first", "i8"),  # where the pair's trunks begin in Machine.path
        ("hops", "i8"),
        ("broken", "i8"),  # 1: incidents have cut every path; the rest is then as if they had not
        ("stopped_bits", "f8"),  # input of jobs that incidents stopped, since the paths changed
    ],
    align=True,
)

WEEK = np.dtype(  # pool x hour of the week, from Monday 00:00: factors on the mean over a week, and their sums before
    [
        *((name, "f8") for name in ("price", "price_sum", "carbon", "carbon_sum", "demand", "demand_sum")),
    ],
    align=True,
)

LINK = np.dtype(  # one direction of a trunk
    [
        ("nominal", "f8"),  # bit/s, less the background
        ("capacity", "f8"),  # bit/s in force
        ("capacity_since", "f8"),
        ("capacity_bits", "f8"),  # could have been carried up to then
        ("flows", "i8"),
        ("rate", "f8"),  # bit/s, of all flows
        ("since", "f8"),
        ("bits", "f8"),  # carried up to `since`
        ("full_s", "f8"),  # s for which all of it was in use
        ("limits", "i8"),  # how many path classes it limits
        ("head", "i8"),  # first of the path classes on it
        ("stamp", "i8"),  # the rest is scratch of the solver
        ("left", "f8"),
        ("open", "i8"),
        ("share", "f8"),
    ],
    align=True,
)

CLASS = np.dtype(  # flows on the same path with the same cap
    [
        ("region", "i8"),
        ("hub", "i8"),
        ("back", "i8"),  # 1 from hub to region
        ("first", "i8"),  # where its links begin in Machine.path
        ("hops", "i8"),  # 0: there is no path, and its flows stand still
        ("cap", "f8"),  # bit/s
        ("flows", "i8"),
        ("rate", "f8"),  # bit/s of each
        ("sent", "f8"),  # bit, the clock at `since`
        ("since", "f8"),
        ("top", "i8"),  # the flow that ends next
        ("due", "f8"),  # when
        ("place", "i8"),  # on the agenda
        ("next", "i8"),  # another class of the same pair and direction
        ("limit", "i8"),  # the link that limits it, or NONE: its cap
        ("stamp", "i8"),  # the rest is scratch of the solver
        ("fair", "f8"),
        ("limit_found", "i8"),
    ],
    align=True,
)

Events = namedtuple("Events", "time key slot")  # plain arrays: compiled code finds their elements sooner than records
TALLY = np.dtype([("pending", "i8")])  # events in a heap beside the calendar

CHANGE = np.dtype(  # an incident, or what it does to one of several targets; its index is the event's id
    [
        ("kind", "i8"),
        ("target", "i8"),  # a pool, a trunk, or the change that a REPAIR ends
        ("factor", "f8"),  # the share of the nominal devices or capacity that it leaves
        ("nominal", "i8"),  # devices, of RESIZE
        ("kill", "i8"),  # 1: running jobs that do not fit any more are stopped
        ("until", "f8"),  # s, when it ends by itself; inf = never
        ("state", "i8"),
        ("at", "f8"),  # s, when it began
        ("end", "f8"),  # s, when it ended; inf while it has not
        ("jobs_displaced", "i8"),
        ("work_lost", "f8"),  # device-s that were for nothing
        ("flows_moved", "i8"),  # to another path when it began
        ("flows_stalled", "i8"),  # for want of one
        ("pairs_moved", "i8"),  # of region and hub: to another path
        ("pairs_cut_off", "i8"),  # without one
        ("detour", "f8"),  # s of one-way delay that the moved pairs gained, in all
        ("worst_detour", "f8"),  # s, of one of them
    ],
    align=True,
)

ROW = np.dtype(  # what is known of a job when it leaves
    [
        *((name, JOB[name]) for name in ("id", "klass", "region", "devices")),
        ("hub", "i8"),
        ("pool", "i8"),
        ("status", "i8"),
        ("reason", "i8"),
        ("attempts", "i8"),
        *((name, JOB[name]) for name in ("submit", "work", "input", "output", "deadline")),
        ("one_way", "f8"),
        ("one_way_back", "f8"),
        ("release", "f8"),
        ("sent", "f8"),
        ("deliver", "f8"),
        ("start", "f8"),
        ("end", "f8"),
        ("finish", "f8"),
    ],
    align=True,
)

LEDGER = np.dtype(
    [
        ("now", "f8"),  # time of the last event played
        ("events", "i8"),
        ("submitted", "i8"),
        ("announced", "i8"),  # jobs of user processes that are not submitted yet
        ("rejected", "i8"),
        ("finished", "i8"),
        ("until_idle", "i8"),  # 1: an incident is not played when no job is left
        ("pending", "i8"),  # events on the calendar
        ("cursor", "i8"),  # next row of the block
        ("rows", "i8"),  # rows of the block
        ("more", "i8"),  # 1 while further blocks follow
        ("free", "i8"),  # free slots
        ("written", "i8"),  # rows in the output buffer
        ("discipline", "i8"),  # FIFO, PRIORITY, BACKFILL or PREEMPT
        ("lanes", "i8"),  # of each pool's queue
        ("depth", "i8"),  # how many jobs behind the head backfill looks at
        ("sharing", "i8"),  # 1: max-min; 0: flows do not slow each other down
        ("hubs", "i8"),  # how many
        ("hops", "i8"),  # of the longest path, at least 1
        ("changes", "i8"),  # announced
        ("classes", "i8"),  # path classes made
        ("agenda", "i8"),  # path classes with flows
        ("stamp", "i8"),
        ("next", "f8"),  # time of the next event, when `advance` stopped because it was not reached
        ("watches", "i8"),  # ids in Machine.watched
        ("fault", "i8"),  # the slot for which a router chose a pool that it may not use
        ("change", "i8"),  # the change for which paths have to be found
        ("unplugged", "i8"),  # 1: flows stand still until they have been
        ("stalled", "i8"),  # flows that stand still for want of a path
        ("stalled_since", "f8"),
        ("stalled_s", "f8"),  # flow-s, up to then
    ],
    align=True,
)

World = namedtuple("World", "jobs pools pairs fit memory week start")
Machine = namedtuple(
    "Machine",
    "calendar travels travelling block out links path free watched changes victims tally ledger "  # the loop
    "lane_head lane_tail lane_running "  # queues, and who runs
    "classes class_head node_next node_before node_class agenda "  # path classes, who is on which link, who is next
    "some_links some_classes open_links capped",  # scratch of the solver
)
