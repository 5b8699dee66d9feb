"""Who owns which output table: each class computes its part of a window's tables once, when asked for."""
