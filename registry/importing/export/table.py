"""Every format that can be written, by its name.

It must never hold a writer that has no test against the format's own library.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry.importing.export import dotprompt, github, prompty
from registry.importing.export.port import Writer

WRITERS: Mapping[str, Writer] = {writer.NAME: writer for writer in (prompty, dotprompt, github)}
