"""Replay past days with only what was known then, and hold what was judged against what came."""
