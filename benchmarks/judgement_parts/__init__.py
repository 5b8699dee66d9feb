"""The judgements that `judgement.py` measures: a module a judgement, each with `worlds`, `judged` and `report`."""
