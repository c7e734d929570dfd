"""Guardrails at run time: rules as data, one verdict, whole or streamed.

- ``engine``     the guard of one prompt: all rules of its sets over one reading of a text
- ``stream``     guarding a text that arrives in pieces, with the same result as if it had come whole
- ``plan``       which rules have anything to look for in a text: one scan for the words of all
- ``rule``       a rule at work: its detector, its set, and what happens when it breaks
- ``checks``     the detectors, one kind of rule each
- ``given``      what is known of a request when its texts are looked at
- ``normalise``  one copy of a text for all rules to match on
- ``waiting``    work beside an event loop
- ``watch``      what is told of each check to whoever counts
- ``verdict``    what a guard says about one text: hits, and the one action that follows from them
- ``units``      places counted as other languages count them

Each may import those below it in this list, never one above.
It must never keep or log a text.
"""
