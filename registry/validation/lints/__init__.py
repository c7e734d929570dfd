"""Lints: one file each, named by code; its docstring says why the lint exists.

- ``bdg001_budget_without_prices``: budget without prices
- ``grd001_unusable_rule``: guardrail rule that cannot be used
- ``grd004_failing_test``: guardrail test that fails
- ``grd005_trial_over``: trial of a guardrail rule is over
- ``knw001_stale_knowledge``: stale knowledge
- ``mod001_unknown_parameter``: unknown parameter
- ``mod002_weights``: weights missing or changed
- ``mod003_no_token_limit``: no limit of the answer
- ``own001_no_owner``: no owner
- ``ref001_unknown_reference``: unknown reference
- ``rol001_role_order``: order of roles
- ``sec001_untrusted_in_system``: untrusted text in a system message
- ``sec002_secret``: secret in a file
- ``sec003_environment``: environment variable in a file
- ``sui001_no_suite``: prompt without a suite
- ``tpl001_template_not_allowed``: template not allowed
- ``tpl002_output_too_large``: prompt can grow too large
- ``tpl003_include_not_allowed``: include not allowed
- ``txt001_cut_text``: text taken for a comment
- ``txt002_chat_marker``: chat marker in a text
- ``var001_undeclared_variable``: undeclared variable
- ``var002_unused_variable``: unused variable
- ``var003_unbounded_variable``: unbounded variable
- ``var004_name_used_twice``: history and input of one name
- ``vrt001_unknown_message``: variant of an unknown message
- ``vrt002_doubled_message``: message id used twice

A lint must never change anything, nor depend on the order in which lints run.
"""
