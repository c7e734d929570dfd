"""Speed and memory, side by side with the peers in one run; ``python -m benchmarks`` prints every table.

Figures are CPU time of the calling thread or of whole processes, medians over interleaved rounds, so that
a busy machine disturbs the ratios little. It must never assert: tests do not live here.
"""
