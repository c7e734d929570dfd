"""Scripts that run in the interpreter of a peer, which has none of our packages.

- ``llama_models``        the models of the engine benchmark, as transformers and as CTranslate2 have them
- ``transformers_suite``  a suite run with transformers alone

They must never import ours.
"""
