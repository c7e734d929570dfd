"""Evaluation: from suites to a verdict on a change, one way through.

- ``records``: the values of a run, from case to sample
- ``suite``: from a suite's document to typed cases
- ``cases``: one case, defaults merged in
- ``dataset``: rows of a dataset file, and templates filled from them
- ``dataset_cases``: cases from those rows
- ``inline``: the suite that a prompt carries in its own file
- ``evaluators``: an evaluator of a prompt's file as entries of ``expect``
- ``fields``: one mapping of a suite being read
- ``problem``: what is wrong with a piece of a suite
- ``prompt_facts``: what a suite must know of its prompt
- ``expectations``: what can be asked of an answer
- ``engines``: how a prompt becomes an answer
- ``cache``: answers by content address
- ``shared_cache``: the same, shared through a bucket
- ``arms``: head and base, each a whole release
- ``local_prompts``: the very prompt that a local engine is given
- ``needs``: what a case's checks need beside the answer's text
- ``plan``: what will be asked
- ``forecast``: what a run will take before it is run
- ``reasons``: why each answer is asked for or not
- ``runner``: from a plan to judged samples
- ``record``: the run as it happened, one line per sample
- ``trial``: the whole test run as one function
- ``tally``: from samples to one result per case
- ``statistics``: tests, intervals, power, on ``math`` alone
- ``flips``: cases that fell, asked again
- ``paired``: head against base in numbers
- ``gate``: from samples to a verdict
- ``verdict``: what the gate says, as values
- ``report``: verdicts in words
- ``pytest_plugin``: the same suites under pytest

It must never take noise for a regression, nor a missing answer for either.
"""
