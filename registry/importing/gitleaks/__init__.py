"""Secret rules of gitleaks as a guardrail set.

- ``bounds``   open repetitions of a pattern, closed, so that its longest match is known
- ``grammar``  an RE2 pattern taken apart into what it is made of
- ``reader``   gitleaks' TOML as one set, with what was changed and what is lost
- ``rule``     one rule of gitleaks as one of ours, with tests of its own
- ``samples``  texts that a pattern matches, made up
"""
