"""What answers: engines behind one port, and what a local engine is made of.

- ``batching``       many prompts into few calls
- ``chat_template``  messages to the text a model was trained on
- ``convert``        Hugging Face weights to a CTranslate2 folder, the only place that knows transformers
- ``ctranslate2``    the local engine
- ``device``         which device computes, under which profile, and the sentence that says why
- ``port``           what a test run asks of an engine
- ``process``        a worker process on a leash
- ``replay``         an engine that answers from the cache alone
- ``tokens``         text to tokens with the tokenizers library alone, so that a forged marker stays text
- ``weights``        from a model config to a folder of weights whose digest was checked before anything loads them
- ``worker``         the process that holds the weights

It must never judge an answer.
"""
