"""One detector for each kind of rule, and what detectors share.

- ``asked``        what a rule may ask a model, and the port through which the answer comes
- ``asking``       rules that ask one: language, similarity, classifier, judge
- ``canary``       the marker of a system message must not come out, in whatever form
- ``checked``      the one table of checks that a pattern rule can ask for by name
- ``checksum``     checksums that turn a run of digits into a card number or an account number
- ``crypto``       addresses of crypto currencies, by the checks that wallets make
- ``entities``     names, places and other entities, as Presidio finds them
- ``identity_eu``  numbers that European states give to people
- ``identity_uk_us``  numbers that the United Kingdom and the United States give to people
- ``json_schema``  the answer must be JSON of a given shape
- ``length``       how long a text may be, in code points as the caller sent it
- ``literals``     fixed phrases, as people write them
- ``loose``        where a slow pattern may match, told by a quick one
- ``passages``     a text in passages, for kinds that look at meanings
- ``pattern``      RE2, and what makes a match more than a coincidence
- ``port``         what every kind of rule looks like from outside
- ``reachable``    telephone numbers and network addresses
- ``scan``         searching again and again from a moving place, in time linear in the text
- ``smuggled``     the forms in which a short secret is smuggled out, each as a pattern
- ``table``        the one table of rule kinds, and how a rule becomes a detector
- ``unicode``      characters nobody sees, judged by their neighbours
- ``url``          which hosts a text may link to
- ``width``        how long a match of an RE2 pattern can become, read off the pattern itself

A detector sees; it must never know actions, stages or modes.
"""
