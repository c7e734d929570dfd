"""What a save leads to: read, check, render, sign, publish, or say why not.

It must never publish what lint refuses or a case cannot be rendered with, nor take away what is live because
a folder is gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from registry.authoring.catalog import Catalog
from registry.authoring.kinds import kind_of
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.devloop.assembly import Assembly
from registry.devloop.moment import Moment
from registry.devloop.reading import Reading
from registry.devloop.signing import Packed, forget, held, sign
from registry.diagnostics import Diagnostic, Place, has_errors, in_order
from registry.errors import PromptyardError, Usage
from registry.evaluation.asking import WEIGHTS
from registry.evaluation.records import Suite
from registry.evaluation.suite import read_suites
from registry.publish.channels import initialise, read_bundle
from registry.publish.directory import DirectoryTarget
from registry.publish.state import read_state
from registry.release.cut import with_probes
from registry.release.incremental import judged_anew
from registry.release.kept import Kept
from registry.rendering.changes import Change, compare
from registry.settings import FILE, Channel, Settings
from serve.core.compile import compile_bundle
from serve.core.guard.checks.asked import LATER
from serve.core.model import Bundle

FOLDER = ".promptyard/dev"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one save led to.

    Attributes:
        release: number that is live now; None while none is.
        findings: what lint says of the files as they are, and cases that cannot be rendered.
        changes: what this save changed for a service; empty when nothing was published.
        rendered: how many cases of the changed prompts were rendered.
        refusal: why nothing was published, where it was not a finding.
        seconds: from looking at the files to the signed release.
        idle: nothing that anything reads has changed since the turn before.
    """

    release: int | None
    findings: tuple[Diagnostic, ...] = ()
    changes: tuple[Change, ...] = ()
    rendered: int = 0
    refusal: PromptyardError | None = None
    seconds: float = 0.0
    idle: bool = False

    @property
    def clean(self) -> bool:
        """True when what is live is what the files say."""
        return self.refusal is None and not has_errors(self.findings)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The files of the turn before, and what they led to."""

    moment: Moment
    settings: Settings
    turn: Turn


class DevLoop:
    """The development channel of a working copy; ``step`` brings it up to what the files say."""

    def __init__(self, root: Path, name: str = "dev", *, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = root / FOLDER / "store"
        self.channel = Channel(
            name=name,
            root=f"{FOLDER}/{name}.root.json",
            root_key=f"file:{FOLDER}/{name}-root.pem",
            targets_key=f"file:{FOLDER}/{name}-targets.pem",
            online_key=f"file:{FOLDER}/{name}-online.pem",
        )
        self._root = root
        self._folder = FolderTree(root)
        self._target = DirectoryTarget(self.store)
        self._clock = clock
        self._live: Bundle | None = None
        self._published: list[str] = []
        self._kept = Kept(root / FOLDER / "kept.json")
        self._reading, self._assembly = Reading(), Assembly()
        self._last: _Seen | None = None
        self._refused: tuple[str, int] | None = None
        self._paths: frozenset[str] = frozenset()
        self._prompts: frozenset[str] = frozenset()

    def begin(self) -> None:
        """Make the channel's keys and root where they do not exist, and look at what is live."""
        (self._root / FOLDER).mkdir(parents=True, exist_ok=True)
        initialise(self._target, self.channel, self._root)
        move = read_state(self._target, self.channel, self._root).move
        self._live = None if move is None else read_bundle(self._target, move)
        self._published = sorted(
            held(self._target), key=lambda digest: move is not None and digest == move.sha256
        )

    def step(self) -> Turn:
        """Publish the files as they are, unless they have errors or nothing changed; what stands in the way is told.

        It is the turn's ``refusal``: WAT001 without a content folder, WAT003 when no prompt is left, WAT005 when
        the loop's own folder is gone.
        """
        start = self._clock()
        try:
            turn = self._turn()
            self._refused = None
        except PromptyardError as refusal:
            told = (str(refusal), self._settings_stamp())
            turn = Turn(self._release, refusal=refusal, idle=told == self._refused)
            self._refused = told
        return replace(turn, seconds=self._clock() - start)

    @property
    def _release(self) -> int | None:
        return None if self._live is None else self._live.manifest.release

    def _settings_stamp(self) -> int:
        try:
            return (self._root / FILE).stat().st_mtime_ns
        except OSError:
            return 0

    def _turn(self) -> Turn:
        settings = load_settings(self._folder)
        if not (self._root / settings.content).is_dir():
            hint = "Run promptyard init first." if self._live is None else f"Release {self._release} stays."
            raise Usage("WAT001", f"there is no folder {settings.content} to watch", hint)
        if not (self._root / self.channel.root).is_file():
            what = f"{FOLDER} was removed while it was in use, with the keys and what was live"
            raise Usage("WAT005", what, "Start promptyard watch again, then the services that follow it.")
        last = self._last if self._last is not None and self._last.settings == settings else None
        before = None if last is None else last.moment
        moment = Moment(self._folder, settings.content, before)
        changed = moment.changed(before)
        if last is not None and self._refused is None and not self._matters(last, changed):
            return replace(last.turn, release=self._release, changes=(), rendered=0, idle=True)
        if before is None or moment.at.keys() != before.at.keys():
            self._kept.files = {}  # which words of a file are names of files hangs on the files there are
        self._paths |= changed
        turn = self._made(moment, settings)
        self._last = _Seen(moment, settings, turn)
        return turn

    def _matters(self, last: _Seen, changed: Collection[str]) -> bool:
        """True when a path is one that something reads; scratch files of editors are not."""
        if not changed or not last.turn.clean:
            return bool(changed)
        named = {link for file in self._kept.files.values() for link in file.links}
        return any(path in named or kind_of(path) or path.endswith((".yaml", ".yml")) for path in changed)

    def _made(self, moment: Moment, settings: Settings) -> Turn:
        catalog = self._reading.renewed(moment, settings, self._paths)
        today = datetime.now(UTC).date()
        findings = judged_anew(
            moment, settings, self._kept, today=today, weights=self._root / WEIGHTS
        ).standing
        if has_errors(findings):
            return Turn(self._release, findings)
        if not catalog.prompts and self._live is not None and self._live.prompts:
            what = "no prompt is left, which no service should learn from a save"
            raise Usage("WAT003", what, f"Release {self._release} stays; bring the prompts back.")
        self._prompts |= self._assembly.renew(catalog, self._paths)
        suites = _suites_of(catalog, self._prompts, self._paths)
        made = self._assembly.bundle(0, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        unrendered = tuple(_unrendered(made, suites))
        if unrendered:
            return Turn(self._release, in_order((*findings, *unrendered)))
        changes = self._publish(made, suites)
        self._paths, self._prompts = frozenset(), frozenset()
        return Turn(self._release, findings, changes, sum(len(suite.cases) for suite in suites))

    def _publish(self, made: Bundle, suites: Collection[Suite]) -> tuple[Change, ...]:
        before = self._live
        if before is not None and made.manifest.content_sha256 == before.manifest.content_sha256:
            return ()
        proven = with_probes(made, suites).manifest

        def numbered(number: int) -> Packed:
            bundle = replace(made, manifest=replace(proven, release=number))
            return Packed(bundle, self._assembly.packed(bundle))

        packed = sign(self._target, self.channel, self._root, numbered)
        self._live = packed.bundle
        self._published.append(packed.sha256)
        forget(self._target, self._published)
        return compare(before or Bundle(made.manifest, {}, {}), made)


def _suites_of(catalog: Catalog, prompts: Collection[str], changed: Collection[str]) -> tuple[Suite, ...]:
    """The suites that a save may have touched: of these prompts, and those in or beside these files."""
    beside = tuple(path.rsplit("/", 1)[-1] for path in changed if kind_of(path) is None)
    documents = {
        name: document
        for name, document in catalog.documents["suite"].items()
        if document.path in changed
        or (isinstance(document.data, dict) and document.data.get("prompt") in prompts)
        or any(file in document.source for file in beside)
    }
    asked = {d.data.get("prompt") for d in documents.values() if isinstance(d.data, dict)} | set(prompts)
    held = {name: source for name, source in catalog.prompts.items() if name in asked}
    part = replace(
        catalog,
        documents={**catalog.documents, "suite": documents},
        sources={**catalog.sources, "prompt": held},
    )
    return read_suites(part)[0]


def _unrendered(bundle: Bundle, suites: Collection[Suite]) -> Iterator[Diagnostic]:
    """A finding for each case that its prompt cannot be rendered with."""
    live = compile_bundle(bundle, sha256="", warm=False, models=LATER)
    for suite in suites:
        for case in suite.cases:
            try:
                live.render(suite.prompt, case.inputs, variant=case.variant)
            except PromptyardError as error:
                message = f"The case {case.id} cannot be rendered: {error.code} {error.what}."
                yield Diagnostic("WAT004", "error", Place(suite.path, case.line), message, error.next_step)
