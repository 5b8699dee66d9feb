"""The output tables of the kinds of accounts, and who is like whom."""

from analysis.data.schema import Table, flag, integer, money, number, text

KINDS = ("over_served", "difficult")

STANDINGS = ("stable", "pattern", "none")

TABLES = (
    Table(
        "archetypes",
        "The kinds among the over-served and among the difficult, and what is left without one.",
        (
            text("archetype", "its name; empty: the accounts without a kind"),
            text("kind", "`over_served` or `difficult`", values=KINDS),
            integer("accounts", "its members; 0 where it has dissolved"),
            number("stability", "mean bootstrap Jaccard: how much of it is found again in data drawn anew"),
            text("sets_apart", "what sets it apart: shares of the over-service or of the trouble, there and elsewhere"),
            text("standing", "stable from .75, a pattern from .6; none: no name and no action", values=STANDINGS),
            text("typical", "the account that is most like the others of it"),
            text("change", "against the last run; empty without one", values=("same", "new", "dissolved")),
            integer("accounts_before", "its members in the last run"),
            integer("accounts_stayed", "of those, its members still"),
            text("now_reads", "what its name would be by this run alone"),
            money("net_revenue", "of its accounts, in the window"),
            money("net_margin", "of its accounts"),
            money("cost_to_serve", "of its accounts"),
            money("over_service_cost", "of its accounts"),
            number("difficulty", "mean of its accounts"),
        ),
        key="archetype",
    ),
    Table(
        "archetype_members",
        "The accounts among which kinds were looked for.",
        (
            text("customer_id", "the account"),
            text("kind", "`over_served` or `difficult`", values=KINDS),
            text("archetype", "empty: it has none"),
            number("strength", "1 at the centre of its kind, 0 midway to the next or beyond; empty without kinds"),
            flag("typical", "the account most like the others of its kind"),
            text("archetype_before", "in the last run"),
            flag("moved", "it was there in the last run, under another kind or none; empty without a last run"),
            number("map_x", "its place on the map: the first principal component of the features"),
            number("map_y", "the second"),
        ),
    ),
    Table(
        "archetype_profiles",
        "What the accounts of each kind have more or less of than the others.",
        (
            text("archetype", "its name"),
            text("kind", "`over_served` or `difficult`", values=KINDS),
            text("feature", "a share of the account's over-service or trouble, or an amount that describes it"),
            flag("share", "true: kinds were looked for by it; false: an amount, which only describes"),
            number("mean", "of its accounts, 0 to 1; of an amount the median"),
            number("rest", "of the others"),
            number("difference", "of the means, in standard deviations over all of them (amounts: by their asinh)"),
            number("low", "its 95% interval"),
            number("high", "its 95% interval"),
            integer("place", "of the feature among the features"),
        ),
        key="archetype",
    ),
    Table(
        "archetype_evidence",
        "What speaks for each number of kinds and each method.",
        (
            text("kind", "`over_served` or `difficult`", values=KINDS),
            integer("clusters", "the number tried; 1: no kinds"),
            text("method", "empty for one cluster", values=("k_means", "gaussian_mixture", "hdbscan")),
            number("gap", "the gap statistic (k-means)"),
            number("gap_error", "its simulation error"),
            flag("supported", "the gap passes that of one cluster by more than the error"),
            number("prediction_strength", "mean over halvings (k-means)"),
            number("prediction_error", "its standard error"),
            number("silhouette", "mean over the accounts that have a cluster"),
            number("stability", "mean bootstrap Jaccard over the clusters"),
            number("least_stability", "of the least stable cluster"),
            number("noise", "the share of accounts without a cluster"),
            flag("chosen", "the answer"),
            text("answer", "of its kind", values=("kinds", "one", "too few")),
            integer("accounts", "among which kinds were looked for"),
            number("chance_if_shuffled", "how often shuffled columns part as well"),
        ),
        key="clusters",
    ),
    Table(
        "look_for",
        "The customer to look for: what sets apart the accounts that earn, and whose expectations fit what we do.",
        (
            text("feature", "what is compared"),
            number("share", "of the accounts that fit, or their middle value"),
            number("others", "the same of the others"),
            number("lift", "how far they are apart, in standard deviations"),
            number("by_chance", "the share of the features that differ as much or more which chance alone would part"),
            integer("accounts", "that fit"),
        ),
        key="feature",
    ),
    Table(
        "lookalikes",
        "Small accounts that are like those that fit.",
        (
            text("customer_id", "the account"),
            number("likeness", "0 to 100: of the accounts that fit, the share farther from their own nearest"),
            text("nearest", "the account that fits it is most like"),
            money("net_revenue", "in the window"),
            money("net_margin", "in the window"),
        ),
    ),
)
