"""What `hubnet run` prints of the accounts, and `hubnet data` of what they rest on."""

from __future__ import annotations

from rich.table import Table

from ..network.nation import Nation
from ..network.rows import CatalogueRow, DeviceRow
from ..network.tables import UNSTATED
from ..scenario.accounts import YEAR
from ..study.study import Study
from ..text import number, percent
from .tables import add, table

FIGURES = ("idle_power_percent", "lifetime_years", "interest_percent", "yuan_per_local_currency")


def about_accounts(study: Study) -> list[str]:
    """What the accounts speak of; nothing if there are none."""
    first = next(iter(study.results.values()))[0]
    known = {path[0] for path in first.measures}
    if "energy_kwh" not in known and "capital_yuan" not in known:
        return []
    of = f"the simulated {percent(first.scale)} of the nation, " if first.scale != 1 else ""
    terms, told = first.terms, []
    if "energy_kwh" in known:
        told.append(f"idle devices take {percent(terms.idle_power)} of the power of busy ones")
    if "capital_yuan" in known:
        years = number(terms.lifetime / YEAR)
        told.append(f"devices are paid off over {years} years at {percent(terms.interest)} a year")
    return [f"energy, money and CO2 are those of {of}the time measured; {', and '.join(told)} (see `accounts`)."]


def price_table(nation: Nation) -> Table:
    """Prices, carbon factors and their confidence, by hub."""
    title = "\nelectricity, for the accounts; sources: hubs.csv and provinces.csv, by the hour: hours.csv"
    made = table(
        "hub", "yuan/kWh", "confidence", "kg/kWh, grid", "confidence", "by contracts", "confidence", title=title
    )
    for hub in nation.hubs:
        cells: list[str] = []
        for value, sure in (
            (hub.price_yuan_per_kwh, hub.confidence_price),
            (hub.carbon_kg_per_kwh, hub.confidence_carbon),
            (hub.carbon_contract_kg_per_kwh, hub.confidence_contract),
        ):
            known = value is not None
            cells += [f"{value:.3f}" if known else "-", (sure if sure != UNSTATED else hub.confidence) if known else ""]
        add(made, hub.city, *cells)
    return made


def figure_lines(nation: Nation) -> list[str]:
    """Prices of devices, values of classes and the nation's figures, each with its confidence and basis."""
    types: list[DeviceRow | CatalogueRow] = [*nation.devices, *nation.catalogue.values()]
    lines = [
        f"price of {row.device}: {number(row.price_yuan)} yuan, {row.confidence_price}: {row.price_basis}"
        for row in types
        if row.price_yuan is not None
    ]
    valued: dict[tuple[str, str], list[str]] = {}
    for one in nation.classes:
        if one.value_yuan_per_device_h is not None:
            words = f"{one.name} {number(one.value_yuan_per_device_h)}"
            valued.setdefault((one.confidence_value, one.value_basis), []).append(words)
    lines += [
        f"value of the work, yuan per hour of the reference device: {', '.join(words)}; {sure}: {basis}"
        for (sure, basis), words in valued.items()
    ]
    given = {row["key"]: row for row in nation.tables.get("nation", ())}
    for key in FIGURES:
        if row := given.get(key):
            told = f"{row['value']} {row.get('unit', '')}, {row.get('confidence') or UNSTATED}: {row.get('source', '')}"
            lines.append(f"{key.replace('_', ' ')}: {told}")
    return lines
