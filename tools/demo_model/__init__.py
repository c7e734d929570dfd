"""Trains the small model that Promptyard ships, so that tests and the demo need no download.

Not part of the wheel, and never imported by ``registry`` or ``serve``: it needs torch and transformers, and they do not.
"""
