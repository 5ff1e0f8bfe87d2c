"""How good and how fast: the metrics, the benchmark sets, the tables."""
