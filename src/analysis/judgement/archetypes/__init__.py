"""Archetypes: kinds of accounts that hold when the data is drawn anew, and no kinds where none do.

Clusters are looked for among the accounts that a judgement has found (the over-served, the difficult), on intensities
rather than totals. Whether there are any is asked first (`gap`, `shuffled`), then how many and by which method
(`prediction_strength`, the silhouette), then which of them would be found again (`stability`). What holds gets a name
in plain words (`naming`) and keeps it from run to run (`matching`).
"""
