"""Scripts that run in the interpreter of a peer, which has none of our packages.

- ``guards``              the patterns of our rules in a peer's scanner
- ``held_out``            labelled texts made by other people's generators
- ``held_out_forms``      the kinds of numbers and tokens in them, and the forms they are written in
- ``llama_models``        the models of the engine benchmark, as transformers and as CTranslate2 have them
- ``transformers_suite``  a suite run with transformers alone

They must never import ours.
"""
