"""Guardrails at run time: rules as data, one verdict, whole or streamed.

    engine      compile_guard, Guard: the rules of one prompt
    stream      StreamGuard: the same verdict for a text in pieces
    rule        a rule at work, and its failure
    checks/     one detector for each kind of rule
    normalise   the matching copy and the way back
    verdict     hits, edits, precedence

Each line may import those below it, never one above.
"""
