"""Judging: everything that can be said of content before anything runs.

- ``adversarial``      how long a guardrail rule takes on the longest text written to slow it down
- ``asking``           the tests of rules that ask a model, run on the model where it is at hand
- ``benign``           harmless texts, and how many of them each guardrail set takes for a hit
- ``bounds``           how many tokens a prompt has at least and at most
- ``codes``            the codes that no lint has
- ``drift``            names of model parameters that drift in from providers
- ``edits``            from a value's place to an edit of its text
- ``explain``          every code with what there is to know about it
- ``expressions``      what an expression in a template may be, and the shape of its value
- ``filters``          what each named filter makes of a value's shape, and which arguments it takes
- ``fix``              the safe fixes of findings, put into their texts and read back
- ``foreign``          what the reader of GitHub's files recorded, as findings
- ``knowledge``        what a test in a template tells of the values it asks about
- ``lesson``           what can be taught about a code
- ``levels``           the levels and exceptions of the settings, laid over what lint found
- ``lint``             all that can be said of content before anything runs
- ``lints``            one file per lint
- ``lookalikes``       text that looks like a variable and is none
- ``mends``            what a broken schema rule can be mended with
- ``outcomes``         what an expression of a template may give, and what is told of it
- ``overall``          what can only be said of a registry as a whole
- ``presence``         where a template fails: what it reads may be missing or of another kind
- ``proof``            the tests that every guardrail rule carries, run on the very engine that serves
- ``remembered``       what was worked out of a guardrail set, kept while the set is at hand
- ``schema``           documents against their JSON Schemas, said in sentences a writer understands
- ``secret``           what a secret looks like
- ``shapes``           what a value can be at most
- ``slips``            what was meant by a file that YAML cannot read
- ``subject``          what every lint looks at
- ``suggest``          what a writer may have meant by a name that is not known
- ``syntax_tree``      a template's syntax tree, made once for all that look at it
- ``table``            the one table of lints
- ``template_policy``  what a template may do, and how long it can get
- ``tokens``           how many tokens a text is: counted, or estimated
- ``unread``           findings about files that cannot be read

It must never change a file.
"""
