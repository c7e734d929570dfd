"""The one table of lints, in the order of their subjects.

It must never hold a lint that has no file, code and fixture of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from registry.diagnostics import Diagnostic
from registry.validation.lints import (
    bdg001_budget_without_prices,
    grd001_unusable_rule,
    grd004_failing_test,
    grd005_trial_over,
    knw001_stale_knowledge,
    mod001_unknown_parameter,
    mod002_weights,
    mod003_no_token_limit,
    own001_no_owner,
    ref001_unknown_reference,
    rol001_role_order,
    sec001_untrusted_in_system,
    sec002_secret,
    sec003_environment,
    sui001_no_suite,
    tpl001_template_not_allowed,
    tpl002_output_too_large,
    tpl003_include_not_allowed,
    txt001_cut_text,
    txt002_chat_marker,
    var001_undeclared_variable,
    var002_unused_variable,
    var003_unbounded_variable,
    var004_name_used_twice,
    vrt001_unknown_message,
    vrt002_doubled_message,
)
from registry.validation.subject import Subject


class Lint(Protocol):
    """One lint, one module: its code, a short title, why it exists (the docstring), and the check."""

    CODE: str
    TITLE: str

    def check(self, subject: Subject) -> Iterator[Diagnostic]:
        """The findings of this lint."""
        ...


LINTS: tuple[Lint, ...] = (
    ref001_unknown_reference,
    var001_undeclared_variable,
    var002_unused_variable,
    var003_unbounded_variable,
    var004_name_used_twice,
    tpl001_template_not_allowed,
    tpl002_output_too_large,
    tpl003_include_not_allowed,
    sec001_untrusted_in_system,
    sec002_secret,
    sec003_environment,
    mod001_unknown_parameter,
    mod002_weights,
    mod003_no_token_limit,
    txt001_cut_text,
    txt002_chat_marker,
    rol001_role_order,
    own001_no_owner,
    sui001_no_suite,
    vrt001_unknown_message,
    vrt002_doubled_message,
    bdg001_budget_without_prices,
    knw001_stale_knowledge,
    grd001_unusable_rule,
    grd004_failing_test,
    grd005_trial_over,
)
