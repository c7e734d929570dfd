"""Models that guardrail rules ask, in the service's own process: the optional extra ``guard-ml``.

- ``models``         opens what a rule asks, or says by name why that is not possible here
- ``presidio``       names, places and other entities, by Presidio's analyzer
- ``language``       which language a text is written in
- ``vectors``        texts to vectors through a CTranslate2 encoder
- ``nearest``        how near a text is to examples, and which label they give it
- ``judging``        a question with yes and no, put to a model with a time limit
- ``generator``      the same question put to a local model, which chooses between the words
- ``folders``        a model's folder by the digest of its files
- ``extra``          the packages of the extra, imported when a rule needs one
- ``forks``          what each process makes for itself
- ``tokens``         text to tokens, so that a forged marker stays text
- ``chat_template``  messages to the text a model was trained on

Each may import those below it in this list. Nothing heavy is imported before a rule needs it.
It must never fetch anything, nor keep or log a text.
"""
