"""The output tables of archetypes."""

from analysis.data.contract.schema import Table, integer, number, text

TABLES = (
    Table(
        "archetypes",
        "The kinds among the over-served and among the difficult.",
        (
            text("archetype", "its name"),
            text("kind", "`over_served` or `difficult`", values=("over_served", "difficult")),
            integer("accounts", "its members"),
            number("stability", "mean bootstrap Jaccard"),
            text("sets_apart", "what sets it apart"),
        ),
        key="archetype",
    ),
)
