"""Values by key that outgrow memory: a few thousand lie in a dictionary, more in a temporary SQLite database.

A suite of a million cases is read, run and judged through shelves, so what a run holds does not grow with it.
It must never outlive its run, nor change the order in which values came.
"""

from __future__ import annotations

import dataclasses
import io
import pickle
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast, overload

from registry.errors import Unavailable

V = TypeVar("V")
T = TypeVar("T")
ROOM = 2048  # values that stay in memory
_PAGE = 256
_CACHE_KIB = 4096
_TABLE = "CREATE TABLE held (n INTEGER PRIMARY KEY, key TEXT UNIQUE, value BLOB)"
_PUT = "INSERT INTO held (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


class Shelf(Generic[V]):
    """A mapping in the order in which keys came first; to be used by one thread.

    Args:
        room: how many values stay in memory; with more, all are put on disk, where the system frees them with the
            process, however it ends.

    Every method raises Unavailable (TMP001) where the disk is full or broken.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._few: dict[str, V] = {}
        self._many: sqlite3.Connection | None = None

    def __len__(self) -> int:
        if self._many is None:
            return len(self._few)
        return int(self._run("SELECT coalesce(max(n), 0) FROM held").fetchone()[0])

    def __contains__(self, key: str) -> bool:
        if self._many is None:
            return key in self._few
        return self._run("SELECT 1 FROM held WHERE key = ?", (key,)).fetchone() is not None

    def __setitem__(self, key: str, value: V) -> None:
        if self._many is None:
            self._few[key] = value
            if len(self._few) > self._room:
                self._spill()
            return
        self._run(_PUT, (key, _written(value)))

    def get(self, key: str) -> V | None:
        """The value under a key; None where there is none."""
        if self._many is None:
            return self._few.get(key)
        row = self._run("SELECT value FROM held WHERE key = ?", (key,)).fetchone()
        return None if row is None else _read(row[0])

    def at(self, index: int) -> V:
        """The value that came as number ``index`` from 0; raises IndexError."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        if self._many is None:
            return list(self._few.values())[index]
        return _read(self._run("SELECT value FROM held WHERE n = ?", (index + 1,)).fetchone()[0])

    def __iter__(self) -> Iterator[str]:
        """The keys in order; those that come meanwhile may be among them."""
        if self._many is None:
            yield from tuple(self._few)
            return
        last, page = 0, "SELECT n, key FROM held WHERE n > ? ORDER BY n LIMIT ?"
        while rows := self._run(page, (last, _PAGE)).fetchall():
            last = rows[-1][0]
            yield from (key for _, key in rows)

    def values(self) -> Iterator[V]:
        """The values in order; those that come meanwhile may be among them."""
        yield from (value for _, value in self.items())

    def items(self) -> Iterator[tuple[str, V]]:
        """Keys and values in order; those that come meanwhile may be among them."""
        if self._many is None:
            yield from tuple(self._few.items())
            return
        last, page = 0, "SELECT n, key, value FROM held WHERE n > ? ORDER BY n LIMIT ?"
        while rows := self._run(page, (last, _PAGE)).fetchall():
            last = rows[-1][0]
            for _, key, data in rows:
                yield key, _read(data)

    def sequence(self) -> Sequence[V]:
        """The values as a sequence: a tuple while they are few."""
        return tuple(self._few.values()) if self._many is None else Shelved(self)

    def _spill(self) -> None:
        # A database without a name lives in its page cache, and beyond that in a file that has no name either.
        self._many = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._many.close)
        self._many.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._many.execute("PRAGMA journal_mode = OFF")
        self._many.execute(_TABLE)
        self._many.execute("BEGIN")  # never committed: nobody else reads it
        few, self._few = self._few, {}
        for key, value in few.items():
            self._run(_PUT, (key, _written(value)))

    def _run(self, words: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return cast("sqlite3.Connection", self._many).execute(words, values)
        except sqlite3.OperationalError as error:
            what = f"the temporary disk cannot be used ({error})"
            advice = "Make room for temporary files, or name another folder in TMPDIR; then run it again."
            raise Unavailable("TMP001", what, advice) from error


class Shelved(Sequence[V]):
    """The values of a shelf in order, read as they are looked at."""

    def __init__(self, shelf: Shelf[V]) -> None:
        self._shelf = shelf
        self.views: dict[Callable[[Sequence[V]], Any], Any] = {}

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[V]: ...

    def __getitem__(self, index: int | slice) -> V | Sequence[V]:
        if isinstance(index, slice):
            return tuple(self._shelf.at(n) for n in range(*index.indices(len(self))))
        return self._shelf.at(index if index >= 0 else len(self) + index)

    def named(self, key: str) -> V | None:
        """The value under a key of the shelf; None where there is none."""
        return self._shelf.get(key)

    def __len__(self) -> int:
        return len(self._shelf)

    def __iter__(self) -> Iterator[V]:
        return self._shelf.values()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return self is other or all(mine == its for mine, its in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


def by_key(values: Sequence[V], key: Callable[[V], str]) -> Callable[[str], V | None]:
    """What finds a value by its key; ``key`` must say the one that values on a shelf lie under."""
    return values.named if isinstance(values, Shelved) else {key(value): value for value in values}.get


def gathered(values: Iterable[V]) -> Sequence[V]:
    """The values as a sequence that may be walked again and again without being held in memory."""
    shelf: Shelf[V] = Shelf()
    for number, value in enumerate(values):
        shelf[str(number)] = value
    return shelf.sequence()


def once(values: Sequence[V], view: Callable[[Sequence[V]], T]) -> T:
    """What a function makes of all values; of values that lie on disk it is made once."""
    if not isinstance(values, Shelved):
        return view(values)
    if view not in values.views:
        values.views[view] = view(values)
    return cast("T", values.views[view])


_VALUES: dict[type, Callable[[Any], tuple[Any, ...]] | None] = {}


class _Pickler(pickle.Pickler):
    """Writes a dataclass as the call that makes it: what the library does by itself takes four times as long."""

    def reducer_override(self, value: Any) -> Any:
        values = _values_of(type(value))
        return NotImplemented if values is None else (type(value), values(value))


def _values_of(cls: type) -> Callable[[Any], tuple[Any, ...]] | None:
    if cls not in _VALUES:
        _VALUES[cls] = _reader_of(cls)
    return _VALUES[cls]


def _reader_of(cls: type) -> Callable[[Any], tuple[Any, ...]] | None:
    if not dataclasses.is_dataclass(cls) or not all(field.init for field in dataclasses.fields(cls)):
        return None
    names = [field.name for field in dataclasses.fields(cls)]
    return attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)


def _written(value: object) -> bytes:
    target = io.BytesIO()
    _Pickler(target, pickle.HIGHEST_PROTOCOL).dump(value)
    return target.getvalue()


def _read(data: bytes) -> V:  # type: ignore[type-var]
    return cast("V", pickle.loads(data))  # noqa: S301  # written by this process, in a file without a name
