"""Where a release comes from, found out before it is published: Git says the most, the host the rest.

It must never publish, nor fail because a host is silent.
"""

from __future__ import annotations

import os
from dataclasses import replace

from registry.cli.context import Context
from registry.publish.channels import current
from registry.release.provenance import Origin, require_origin
from registry.release.provenance_hosts import Untold, approvals_of, run_of
from registry.settings import Channel


def require_allowed(context: Context, where: Channel, revision: str) -> Origin:
    """Where a revision comes from, when the policies of this clone and of the revision let it pass.

    Raises:
        Refused, Usage: PRV00x as ``require_origin``. SignatureRefused, StoreUnavailable: as their codes say.
    """
    tree = context.tree(revision)
    policies = (context.settings.policy, context.settings_of(tree).policy)
    live = None
    if any(policy.require_signed_commits for policy in policies):
        live = current(context.target(), where, root=context.root)
    repository = context.repository()
    commit = repository.commit_id(revision)
    return require_origin(repository, commit, policies, live.commit if live else None)


def asked_of_host(context: Context, origin: Origin, commit: str) -> Origin:
    """An origin with who approved the commit and which job this is, where the host tells."""
    try:
        approvals = approvals_of(commit, os.environ)
    except Untold as error:
        context.errors.print(f"who approved is not recorded: {error}", style="warning", soft_wrap=True)
        approvals = None
    return replace(origin, approvals=approvals, run=run_of(os.environ))
