"""What answers: engines behind one port, and what a local engine is made of.

- ``anthropic``      Anthropic's messages: how to call, how an answer reads
- ``batching``       many prompts into few calls
- ``bedrock``        Amazon Bedrock's Converse through boto3
- ``budget``         what a run may cost, held whatever the answers turn out to be
- ``choosing``       the likeliest of some texts, with the probability of each
- ``convert``        Hugging Face weights to a CTranslate2 folder, the only place that knows transformers
- ``ctranslate2``    the local engine
- ``decoding``       a request's parameters in CTranslate2's words
- ``device``         which device computes, under which profile, and the sentence that says why
- ``encoder``        texts to vectors, for checks that compare meanings
- ``endpoints``      where a hosted engine is called, and which key may be sent there
- ``fleet``          the workers of one model, one for each device, and what happens when one fails
- ``folder``         a folder of weights as it is before anything is loaded
- ``forms``          answers that fill a form, side by side
- ``gemini``         Gemini's generateContent: how to call, how an answer reads
- ``hosted``         a hosted model as an engine: in parallel, at a pace, within a budget
- ``hosted_http``    providers over plain HTTPS, each with its dialect
- ``http``           one POST over HTTPS, whole or not at all
- ``keepable``       answers as UTF-8 and JSON can hold them
- ``mending``        what the converter leaves out, put back
- ``openai``         OpenAI's chat completions, and servers that speak its language
- ``pace``           how fast requests may begin
- ``parity``         whether converted weights compute what the original computes
- ``port``           what a test run asks of an engine
- ``process``        a worker process on a leash
- ``provider``       what the hosted engine asks of a provider
- ``replay``         an engine that answers from what was recorded
- ``retries``        when a failed request is sent again, and how long to wait before
- ``table``          from a model file to the hosted engine that answers for it
- ``template``       an output schema as a form to fill in
- ``weights``        from a model config to a folder of weights whose digest was checked before anything loads them
- ``worker``         the process that holds the weights

It must never judge an answer.
"""
