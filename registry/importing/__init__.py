"""Files of other formats to files of ours, with a report of what was kept, changed and lost.

- ``aiconfig``         AIConfig
- ``collect``          everything that a batch of files becomes, before a byte is written
- ``dotprompt``        Google's dotprompt
- ``draft``            a prompt of ours in the making
- ``export``           prompts of ours in other formats
- ``foreign_yaml``     YAML of other tools to plain values
- ``formats``          the formats that can be imported, and which of them a file has
- ``frontmatter``      the head of a text file and its body
- ``functions``        function declarations as tools
- ``gaps``             what in a plain text looks like a variable
- ``gather``           the files of a folder, and what was passed over
- ``github``           GitHub's ``.prompt.yml``
- ``gitleaks``         gitleaks' rules for secrets
- ``ids``              an id for a file of another tool
- ``inference``        what a variable must be, from how a template uses it
- ``inputs``           what a file declares, completed by how its templates use it
- ``langchain``        LangChain's prompts
- ``langfuse``         Langfuse's exports
- ``listing``          which files of a folder a pattern of names fits
- ``makers``           who makes a model whose name says so
- ``models``           which model a file asks, and its parameters under our names
- ``openai_config``    the answer's shape and tools in OpenAI's words
- ``overlay``          a registry as it will be
- ``parameters``       decoding parameters in range
- ``place``            put files in place, all or none
- ``plain``            plain text and Markdown
- ``port``             what every reader is given and gives back
- ``promptfoo``        promptfoo's configs
- ``prompty``          Prompty
- ``report``           what became of an import, as values
- ``response_format``  OpenAI's response format
- ``roles``            who speaks, in order
- ``samples``          JSON Schemas of values that a file shows
- ``secrets``          keys and endpoints stay behind
- ``templates``        template languages of other tools
- ``turns``            one text taken apart into messages
- ``values``           what the values of tests ask of an input

A reader must never guess, never drop anything in silence, and never carry a secret.
"""
