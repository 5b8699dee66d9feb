"""The ends of every range that is told: the 5% and the 95% point."""

LOW, HIGH = 0.05, 0.95
#: Standard deviations of a normal distribution between its middle and either end.
REACH = 1.645
