"""Benchmarks: runs on splits that others publish figures for, and baselines on ours."""
