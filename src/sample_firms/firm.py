"""The firm: what it sells, who works there, what its service costs, and what its tiers promise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sample_firms.world import Ints, Settings, pick


@dataclass(frozen=True)
class Resource:
    """A group of people: what a minute of it costs, and how much of its capacity is used in a usual year."""

    rate: float
    used: float
    uncertainty: float
    avoidable: float | None
    resale: float = 0.0


@dataclass(frozen=True)
class Activity:
    """A kind of work, with its time equation as `costing.toml` states it."""

    resource: str
    group: str
    minutes: float
    purpose: str = "serve"
    demand: str = "value"
    per_order: bool = False
    uncertainty: float = 0.1
    per: dict[str, float] = field(default_factory=dict)
    when: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Product:
    """A product family: list price of a unit, cost of goods as a share of list, and its share of sales."""

    name: str
    price: float
    cogs: float
    share: float


@dataclass(frozen=True)
class Attribute:
    """A service attribute: the activity that it measures, its unit, and how many periods a year has."""

    activity: str
    measure: str
    period: str
    periods: int
    unit_minutes: float
    level_is: str = "promise"


RESOURCES: dict[str, Resource] = {
    "service_desk": Resource(0.95, 0.82, 0.10, 0.6),
    "field_team": Resource(1.30, 0.86, 0.12, 0.5, 0.25),
    "night_team": Resource(1.90, 0.66, 0.15, 0.2),
    "order_desk": Resource(0.80, 0.94, 0.08, 0.7),
    "account_team": Resource(1.45, 0.78, 0.10, 0.4),
    "sales_team": Resource(1.40, 0.72, 0.15, None),
}

ACTIVITIES: dict[str, Activity] = {
    "inquiry": Activity("service_desk", "support", 36, uncertainty=0.12, when={"channel=phone": 14}),
    "incident": Activity("service_desk", "support", 58, uncertainty=0.15, when={"rush": 15}),
    "complaint_handling": Activity("service_desk", "support", 80, demand="failure", uncertainty=0.2),
    "night_support": Activity("night_team", "after_hours", 70, uncertainty=0.15, when={"rush": 20}),
    "site_visit": Activity("field_team", "field", 290, uncertainty=0.12, when={"rush": 60}),
    "rework_visit": Activity("field_team", "field", 210, demand="failure", uncertainty=0.2),
    "special_request": Activity("field_team", "engineering", 130, uncertainty=0.25),
    "order_handling": Activity(
        "order_desk", "orders", 20, per_order=True, per={"quantity": 8}, when={"rush": 20, "channel=phone": 10}
    ),
    "return_handling": Activity("order_desk", "orders", 34, per={"quantity": 4}),
    "dunning": Activity("order_desk", "billing", 24, uncertainty=0.15),
    "account_review": Activity("account_team", "account_management", 180, purpose="retain"),
    "dedicated_contact": Activity("account_team", "account_management", 60),
    "sales_call": Activity("sales_team", "sales", 110, purpose="obtain", uncertainty=0.2),
    "quotation": Activity("sales_team", "sales", 55, purpose="obtain", uncertainty=0.2),
}

ATTRIBUTES: dict[str, Attribute] = {
    "support_minutes": Attribute("inquiry", "minutes", "month", 12, 1.0, "ceiling"),
    "after_hours_minutes": Attribute("night_support", "minutes", "month", 12, 1.0, "ceiling"),
    "site_visits": Attribute("site_visit", "count", "quarter", 4, 290.0),
    "account_reviews": Attribute("account_review", "count", "year", 1, 180.0),
    "dedicated_contact_hours": Attribute("dedicated_contact", "count", "month", 12, 60.0),
}

TIERS: dict[str, dict[str, float]] = {
    "gold": {
        "support_minutes": 480,
        "after_hours_minutes": 120,
        "site_visits": 2,
        "account_reviews": 4,
        "dedicated_contact_hours": 2,
        "response_hours": 4,
    },
    "silver": {"support_minutes": 260, "site_visits": 1, "account_reviews": 2, "response_hours": 8},
    "bronze": {"support_minutes": 180, "site_visits": 0.25, "response_hours": 16},
}

PRODUCTS: tuple[Product, ...] = (
    Product("Fasteners", 4.2, 0.53, 0.20),
    Product("Bearings", 18.5, 0.58, 0.20),
    Product("Drives", 64.0, 0.66, 0.20),
    Product("Sensors", 32.0, 0.49, 0.15),
    Product("Pneumatics", 24.0, 0.60, 0.15),
    Product("Consumables", 6.8, 0.67, 0.10),
)
CONTRACT_PRODUCT = "Service contract"

DEPARTMENTS = ("Service desk", "Field service", "Sales", "Logistics", "Finance", "Key accounts")
INDUSTRIES = ("Food processing", "Machine building", "Logistics", "Chemicals", "Packaging", "Public utilities")
REGIONS = ("North", "South", "East", "West", "Overseas")

_FIRST = [
    "Nordwind",
    "Brightwater",
    "Calder",
    "Ostrava",
    "Falkirk",
    "Meridian",
    "Halden",
    "Pinecrest",
    "Sable",
    "Torrent",
    "Vantage",
    "Ashford",
    "Delmar",
    "Corvus",
    "Hollis",
    "Larkspur",
    "Marlow",
    "Quarry",
    "Redfern",
    "Stanmore",
    "Tamarind",
    "Ulster",
    "Wexford",
    "Yarrow",
    "Zephyr",
    "Bexley",
    "Copperfield",
    "Drayton",
    "Elmwood",
    "Fenwick",
    "Garnet",
    "Heron",
    "Ironbridge",
    "Juniper",
    "Kestrel",
    "Lindholm",
    "Mistral",
    "Northgate",
    "Oakhurst",
    "Penrose",
]
_SECOND = [
    "Foods",
    "Pumps",
    "Logistics",
    "Chemicals",
    "Packaging",
    "Water",
    "Machines",
    "Castings",
    "Textiles",
    "Dairy",
    "Timber",
    "Ceramics",
    "Plastics",
    "Breweries",
    "Energy",
    "Mills",
    "Instruments",
    "Cranes",
    "Rail",
    "Coatings",
    "Paper",
    "Motors",
    "Glass",
    "Marine",
    "Tooling",
]
_LEGAL = ("Ltd", "GmbH", "SA", "Inc", "AG", "BV", "Oy", "Group")
_ODD_NAMES = ("Müller & Söhne GmbH", "O'Hara Cold Storage Ltd", 'Brandt, Weiss "Feinwerk" AG', "Smørland Fisk & Is AS")
_GIVEN = [
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Elena",
    "Felix",
    "Grace",
    "Henrik",
    "Irene",
    "Jonas",
    "Katja",
    "Liam",
    "Maria",
    "Nils",
    "Olga",
    "Pavel",
    "Rosa",
    "Stefan",
    "Tessa",
    "Umar",
    "Vera",
    "Wim",
    "Yara",
    "Zoltan",
]
_FAMILY = [
    "Lindqvist",
    "Okafor",
    "Brandner",
    "Castellan",
    "Dufresne",
    "Eriksen",
    "Fontaine",
    "Gruber",
    "Hollander",
    "Ivanov",
    "Jansen",
    "Kowalczyk",
    "Lombardi",
    "Moreau",
    "Nakamura",
    "Osterman",
    "Petrov",
    "Quist",
    "Rosenthal",
    "Sandoval",
    "Thorsen",
    "Ulrich",
    "Vasquez",
    "Wexler",
    "Yilmaz",
    "Zimmer",
]


def company_names(settings: Settings) -> npt.NDArray[np.object_]:
    """Return one company name for each account; the first few are odd on purpose."""
    rng, count = settings.stream("company names"), settings.accounts
    first = np.array(_FIRST, dtype=object)[pick(rng, count, [1.0] * len(_FIRST))]
    second = np.array(_SECOND, dtype=object)[pick(rng, count, [1.0] * len(_SECOND))]
    legal = np.array(_LEGAL, dtype=object)[pick(rng, count, (30, 20, 8, 14, 10, 8, 4, 6))]
    names = first + " " + second + " " + legal
    places = np.arange(len(_ODD_NAMES)) * 7 + 3
    for place, name in zip(places[places < count], _ODD_NAMES, strict=False):
        names[place] = name
    return np.asarray(names)


def customer_ids(count: int) -> npt.NDArray[np.object_]:
    """Return the accounts' keys; the seventh is ``007``, which is text."""
    ids = np.array([f"C{number:05d}" for number in range(1, count + 1)], dtype=object)
    if count > 6:
        ids[6] = "007"
    return ids


def people(count: int, offset: int = 0, middle: str = "") -> list[str]:
    """Return full names, all different; beyond several hundred of them, numbered."""
    names = []
    for number in range(offset, offset + count):
        lap, place = divmod(number, len(_GIVEN) * len(_FAMILY))
        row, given = divmod(place, len(_GIVEN))
        family = _FAMILY[(3 * row + 7 * given) % len(_FAMILY)]
        names.append(f"{_GIVEN[given]} {middle}{family}" + (f" {lap + 1}" if lap else ""))
    return names


def unit_cost(attribute: str) -> float:
    """Return what one more unit of an attribute costs at the costing's rates."""
    spec = ATTRIBUTES[attribute]
    return spec.unit_minutes * RESOURCES[ACTIVITIES[spec.activity].resource].rate


def account_managers(settings: Settings, region: Ints) -> tuple[list[str], Ints]:
    """Return the account managers and who of them owns each account."""
    per_region = max(1, round(settings.accounts / 150))
    rng = settings.stream("account managers")
    owner = region * per_region + rng.integers(0, per_region, settings.accounts)
    return people(per_region * len(REGIONS)), owner
