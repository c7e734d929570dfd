"""What can be asked of an answer: one family of checks per file, one explicit table.

- ``judge``: one answer against one case, and the pass rule
- ``read``: from an entry of a suite to a typed expectation, or to what is wrong with it
- ``table``: every type by its name
- ``outcome``: what a check gets and gives, and the models that it may ask
- ``transform``: what may be done to an answer first
- ``text``: equals, contains and their kin
- ``pattern``: regular expressions
- ``dialect``: patterns of JavaScript for RE2
- ``structure``: JSON, whole, inside or at one place
- ``schemas``: whether a value fits a JSON Schema
- ``markup_xml``: XML, whole or inside
- ``markup_html``: HTML, whole or inside
- ``sql``: SQL, whole or inside, of allowed tables and columns
- ``sql_tree``: SQL as trees, more strictly than its parser reads it
- ``measure``: words and tokens
- ``distance``: edits from a text
- ``overlap``: ROUGE, BLEU, GLEU and METEOR against references
- ``overlap_scores``: the arithmetic of these
- ``refusal``: stock phrases of declining
- ``tools``: the tools that an answer asks for
- ``tool_calls``: calls, in any provider's form
- ``delivery``: finish reason, cost and latency
- ``likelihood``: perplexity
- ``similarity``: nearness and labels by a model that reads
- ``judged``: what a judge is asked, and what its word means
- ``guards``: the prompt's own guardrails
- ``glossary``: terms and how they are rendered
- ``language``: the language of an answer
- ``snapshot``: an answer that a person approved
- ``functions``: functions of the repository's own tests
- ``words``: words and word n-grams
- ``treebank``: tokens as the Penn Treebank has them
- ``fences``: fenced blocks of Markdown
- ``strict_json``: JSON as its RFC has it
- ``json_path``: paths that name at most one place

It must never let a broken expectation pass: what cannot be checked is an error before anything runs.
"""

from registry.evaluation.expectations.functions import expectation
from registry.evaluation.expectations.judge import check, judge
from registry.evaluation.expectations.outcome import Classifier, Encoder, Surroundings

__all__ = ["Classifier", "Encoder", "Surroundings", "check", "expectation", "judge"]
