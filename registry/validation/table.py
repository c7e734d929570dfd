"""The one table of lints, in the order of their subjects; those that need the whole registry stand apart.

It must never hold a lint that has no file, code and fixture of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from registry.diagnostics import Diagnostic
from registry.validation.lesson import Lesson
from registry.validation.lints import (
    bdg001_budget_without_prices,
    bdg002_too_many_tokens,
    dup001_duplicate_prompt,
    ghp001_github_format,
    ghp002_undeclared_github_variable,
    ghp003_implied_model,
    ghp004_foreign_parameter,
    ghp005_foreign_key,
    ghp006_code_as_text,
    ghp007_foreign_output,
    ghp008_foreign_message,
    ghp009_foreign_test,
    grd001_unusable_rule,
    grd004_failing_test,
    grd005_trial_over,
    grd006_slow_rule,
    grd021_untried_rule,
    grd022_unpinned_model,
    grd031_override_of_nothing,
    grd032_circle_of_sets,
    grd033_exception_over,
    grd034_canary_not_placed,
    knw001_stale_knowledge,
    mod001_unknown_parameter,
    mod002_weights,
    mod003_no_token_limit,
    mod004_doubtful_prices,
    mod005_drifting_parameter,
    msg001_empty_message,
    out001_unenforceable_output,
    own001_no_owner,
    ref001_unknown_reference,
    ref002_unused_entry,
    rol001_role_order,
    rol002_refused_order,
    sec001_untrusted_in_system,
    sec002_secret,
    sec003_environment,
    sui001_no_suite,
    tpl001_template_not_allowed,
    tpl002_output_too_large,
    tpl003_include_not_allowed,
    tpl004_ambiguous_braces,
    txt001_cut_text,
    txt002_chat_marker,
    txt003_turned_text,
    txt004_left_block,
    txt005_read_otherwise,
    var001_undeclared_variable,
    var002_unused_variable,
    var003_unbounded_variable,
    var004_name_used_twice,
    var005_may_be_missing,
    var006_of_another_kind,
    vrt001_unknown_message,
    vrt002_doubled_message,
)
from registry.validation.subject import Subject


class Lint(Protocol):
    """One lint, one module: its code, a short title, why it exists (the docstring), what to teach, the check."""

    CODE: str
    TITLE: str
    LESSON: Lesson

    def check(self, subject: Subject) -> Iterator[Diagnostic]:
        """The findings of this lint."""
        ...


LINTS: tuple[Lint, ...] = (
    ref001_unknown_reference,
    var001_undeclared_variable,
    var002_unused_variable,
    var003_unbounded_variable,
    var004_name_used_twice,
    var005_may_be_missing,
    var006_of_another_kind,
    tpl001_template_not_allowed,
    tpl002_output_too_large,
    tpl003_include_not_allowed,
    tpl004_ambiguous_braces,
    sec001_untrusted_in_system,
    sec002_secret,
    sec003_environment,
    mod001_unknown_parameter,
    mod002_weights,
    mod003_no_token_limit,
    mod004_doubtful_prices,
    mod005_drifting_parameter,
    txt001_cut_text,
    txt002_chat_marker,
    txt003_turned_text,
    txt004_left_block,
    txt005_read_otherwise,
    out001_unenforceable_output,
    rol001_role_order,
    rol002_refused_order,
    msg001_empty_message,
    own001_no_owner,
    sui001_no_suite,
    vrt001_unknown_message,
    vrt002_doubled_message,
    bdg001_budget_without_prices,
    bdg002_too_many_tokens,
    knw001_stale_knowledge,
    ghp001_github_format,
    ghp002_undeclared_github_variable,
    ghp003_implied_model,
    ghp004_foreign_parameter,
    ghp005_foreign_key,
    ghp006_code_as_text,
    ghp007_foreign_output,
    ghp008_foreign_message,
    ghp009_foreign_test,
    grd001_unusable_rule,
    grd004_failing_test,
    grd005_trial_over,
    grd006_slow_rule,
    grd021_untried_rule,
    grd022_unpinned_model,
    grd031_override_of_nothing,
    grd032_circle_of_sets,
    grd033_exception_over,
    grd034_canary_not_placed,
)
# What can only be said of a registry as a whole: no part of it, looked at alone, tells these.
OVERALL: tuple[Lint, ...] = (
    ref002_unused_entry,
    dup001_duplicate_prompt,
)
