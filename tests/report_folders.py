"""Finished folders that the tests of the report read."""

from typer.testing import CliRunner

from hubnet.cli import app

EVIL = "</script><script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
SCENARIO = """
hubnet: 1
name: '{name}'
network:
  regions: {{North: {{at: [65.58, 22.15], weight: 1}}, 贵阳: {{at: [59.33, 18.07], weight: 3}}}}
  hubs:
    '{hub}': {{at: [65.0, 22.15], pools: {{cpu: 3}}, price: 0.4 yuan/kWh}}
    Gavle: {{at: [60.67, 17.14], pools: {{cpu: 4}}}}
  trunks:
    - {{between: [North, '{hub}'], capacity: 1 Gbit/s, length: 5 km, name: East}}
    - {{between: ['{hub}', Gavle], capacity: 1 Gbit/s, name: Middle}}
    - {{between: [Gavle, 贵阳], capacity: 1 Gbit/s}}
devices: {{cpu: {{speed: 1, power: 400 W}}}}
clock: {{horizon: 20 h, warmup: 1 h, bin: 10 min}}
seed: 1
fibre: {{layer: optical, sharing: max-min}}
workload:
  classes:
    '{hub}': {{rate: 2 /min, devices: 1, work: {{exponential: {{mean: 1 min}}}}, input: 4 MB, deadline: 3 min}}
policy: {{routing: least-response, queue: fifo}}
allocations: {{as-built: {{}}, more: {{pools: {{'{hub}': {{cpu: 5}}, Gavle: {{cpu: 2}}}}}}}}
incidents: [{{at: 5 h, lasting: 3 h, cut: Middle, name: '{name}'}}]
"""


def finished(folder, name, hub="Lulea", words=()):
    path = folder / "scenario.yaml"
    path.write_text(SCENARIO.format(name=name.replace("'", "''"), hub=hub.replace("'", "''")))
    done = CliRunner().invoke(app, ["run", str(path), "-o", str(folder / "out"), "--quiet", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return folder / "out"
