"""Models that read answers and say what they think, and how far they may be believed.

- ``question``   what a judge is asked, and what it said
- ``prompts``    the judging prompts, with what is judged behind marks
- ``answers``    from a judge's answer to shares of its words
- ``judge``      one configured judge, as a run asks it
- ``opening``    from a suite to its judge
- ``standing``   whether a judge's word counts, by the labels of people
- ``foresight``  what judges will be asked, before anything is
- ``hearing``    all questions of many answers, asked together
- ``wavering``   how often a judge changes its mind about one answer
- ``told``       what a verdict says of its judges
- ``reading``    the key ``judge`` of a suite, and the labels beside it

It must never fail a case on the word of a judge that no person has checked.
"""
