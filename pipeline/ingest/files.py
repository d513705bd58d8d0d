"""Raw files: finding them, opening what is packed, and hashing what they hold."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pipeline.config.raw import IGNORED_NAMES, list_raw
from pipeline.errors import Problem, UnreadableFileError

HEAD_BYTES = 262_144

_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, lzma.LZMAError, NotImplementedError)


@dataclass(frozen=True)
class RawFile:
    """One file to read: a file on disk, or one member of an archive, or one sheet of a workbook."""

    path: Path
    name: str
    """Path below data/raw, with / on every machine; a member follows after !."""
    kind: str
    """text, parquet, workbook, binary or empty."""
    member: str | None = None
    is_gzip: bool = False
    problem: Problem | None = None
    """Set when the file is refused without being read."""

    @property
    def base_name(self) -> str:
        """The last part of the name, without .gz."""
        last = PurePosixPath(self.name.split("!")[-1]).name
        return last[:-3] if last.lower().endswith(".gz") else last

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open the content, unpacked.

        Raises:
            UnreadableFileError: an archive is damaged or ends early.
        """
        try:
            with self._stream() as stream:
                yield stream
        except _BROKEN as error:
            raise UnreadableFileError(
                Problem(
                    f"The packed file is damaged or ends early ({type(error).__name__}: {error}).",
                    self.name,
                    fix="Download it again; nothing of it was loaded.",
                )
            ) from error

    @contextmanager
    def _stream(self) -> Iterator[IO[bytes]]:
        with self.path.open("rb") as outer:
            if self.member is None or self.kind == "workbook":
                if self.is_gzip:
                    with gzip.open(outer) as unpacked:
                        yield unpacked  # type: ignore[misc]
                else:
                    yield outer
                return
            with zipfile.ZipFile(outer) as archive, archive.open(self.member) as packed:
                if self.is_gzip:
                    with gzip.open(packed) as unpacked:
                        yield unpacked  # type: ignore[misc]
                else:
                    yield packed

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return the first bytes of the content."""
        with self.open() as stream:
            return stream.read(size)

    def head_after_first_line(self, size: int = HEAD_BYTES) -> bytes:
        """Return the bytes after the first line break, for a file whose first line is longer than its head."""
        with self.open() as stream:
            while chunk := stream.read(4 << 20):
                _, found, rest = chunk.partition(b"\n")
                if found:
                    return (rest + stream.read(size))[:size]
        return b""


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold."""

    gigabytes: float
    ratio: float


def sniff(head: bytes) -> str:
    """Tell the kind of content from its first bytes; the file's ending is not asked."""
    if not head:
        return "empty"
    if head[:2] == b"\x1f\x8b":
        return "gzip"
    if head[:4] == b"PK\x03\x04" or head[:4] == b"PK\x05\x06":
        return "zip"
    if head[:4] == b"PAR1":
        return "parquet"
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "workbook"
    return "text" if _looks_like_text(head) else "binary"


def _looks_like_text(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:3] == b"\xef\xbb\xbf":
        return True
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in (9, 10, 12, 13, 26, 27))
    nulls = head.count(b"\0")
    sample = len(head)
    if nulls > sample * 0.2:  # UTF-16 without a mark has a NUL beside nearly every letter, on one side only.
        even, odd = head[::2].count(b"\0"), head[1::2].count(b"\0")
        return max(even, odd) > 20 * max(1, min(even, odd)) and controls - nulls < sample * 0.02
    return controls < sample * 0.05


def find_files(raw: Path, limits: Limits) -> tuple[list[RawFile], bool]:
    """Return every file below `raw` that is meant as data, and whether the sample was left out for the user's own."""
    own, sample = list_raw(raw)
    chosen = own or sample
    found = [member for path in chosen for member in members(path, path.relative_to(raw).as_posix(), limits)]
    return found, bool(own and sample)


def members(path: Path, name: str, limits: Limits) -> list[RawFile]:
    """Return the file itself, or what it holds when it is an archive or a workbook."""
    file = RawFile(path, name, "text")
    try:
        kind = sniff(file.head(8192))
        if kind == "gzip":
            file = replace(file, is_gzip=True)
            _bound(file, path.stat().st_size, limits)
            kind = sniff(file.head(8192))
            if kind == "zip":
                return [replace(file, kind="binary", problem=_nested(name))]
        if kind == "zip":
            return _zip_members(file, limits)
        if kind == "workbook":
            return _sheets(file)
    except UnreadableFileError as error:
        return [replace(file, kind="binary", problem=error.problems[0])]
    except OSError as error:
        return [replace(file, kind="binary", problem=Problem(f"The file cannot be opened: {error.strerror}.", name))]
    return [replace(file, kind=kind)]


def _nested(name: str) -> Problem:
    return Problem("An archive inside an archive is not opened.", name, fix="Unpack the outer one.")


def _bound(file: RawFile, packed_size: int, limits: Limits) -> None:
    """Refuse a gzip file that unpacks to more than is allowed, reading no further than the limit."""
    most = int(min(limits.gigabytes * 1e9, max(packed_size * limits.ratio, 1e8)))
    size = 0
    with file.open() as stream:
        while chunk := stream.read(4 << 20):
            size += len(chunk)
            if size > most:
                raise UnreadableFileError(_too_large(file.name, size))


def _too_large(name: str, size: int) -> Problem:
    return Problem(
        f"The packed file holds more than is allowed ({size:,} bytes and more).",
        name,
        fix="If it is what you expect, raise run.max_archive_gigabytes or run.max_archive_ratio in journeys.yaml.",
    )


def _zip_members(file: RawFile, limits: Limits) -> list[RawFile]:
    try:
        with zipfile.ZipFile(file.path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except _BROKEN as error:
        return [
            replace(
                file,
                kind="binary",
                problem=Problem(f"The archive is damaged ({error}).", file.name, fix="Download it again."),
            )
        ]
    if any(info.filename == "xl/workbook.xml" for info in infos):
        return _sheets(file)
    found: list[RawFile] = []
    total = 0
    for info in infos:
        base = PurePosixPath(info.filename).name
        if info.filename.startswith("__MACOSX/") or base.lower() in IGNORED_NAMES or base.startswith("."):
            continue
        total += info.file_size
        member = RawFile(file.path, f"{file.name}!{_shown(info.filename)}", "text", member=info.filename)
        found.append(_checked(member, info, total, limits))
    return found or [replace(file, kind="empty")]


def _checked(member: RawFile, info: zipfile.ZipInfo, total: int, limits: Limits) -> RawFile:
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    problem = None
    if ".." in parts or info.filename.startswith(("/", "\\")) or ":" in parts[0]:
        problem = Problem("The archive names a place outside itself; such a member is not opened.", member.name)
    elif info.flag_bits & 1:
        problem = Problem("The member is encrypted.", member.name, fix="Unpack the archive with its password.")
    elif total > limits.gigabytes * 1e9 or info.file_size > max(info.compress_size * limits.ratio, 1e8):
        problem = _too_large(member.name, info.file_size)
    if problem:
        return replace(member, kind="binary", problem=problem)
    try:
        kind = sniff(member.head(8192))
        if kind == "gzip":
            member = replace(member, is_gzip=True)
            _bound(member, info.file_size, limits)
            kind = sniff(member.head(8192))
    except UnreadableFileError as error:
        return replace(member, kind="binary", problem=error.problems[0])
    if kind in ("zip", "workbook"):
        return replace(member, kind="binary", problem=_nested(member.name))
    return replace(member, kind=kind)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name.replace("\\", "/"))[:300]


def _sheets(file: RawFile) -> list[RawFile]:
    from python_calamine import CalamineWorkbook

    try:
        with file.open() as stream:
            names = CalamineWorkbook.from_filelike(io.BytesIO(stream.read())).sheet_names
    except UnreadableFileError:
        raise
    except Exception as error:  # noqa: BLE001 the reader raises many kinds for damaged workbooks
        return [
            replace(
                file,
                kind="binary",
                problem=Problem(f"The workbook cannot be read ({error}).", file.name, fix="Save it as CSV."),
            )
        ]
    return [replace(file, kind="workbook", member=sheet, name=f"{file.name}!{_shown(sheet)}") for sheet in names]


class HashBook:
    """Content hashes, remembered by size and time of change, so that an unchanged file is not even hashed again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[Any]] = {}
        self._seen: dict[str, list[Any]] = {}
        if path.exists():
            try:
                self._known = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                self._known = {}

    def sha256(self, file: RawFile) -> str:
        """Return the hash of the unpacked content (of a workbook: of the file and the sheet's name)."""
        stat = file.path.stat()
        mark = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
        known = self._known.get(file.name) or self._seen.get(file.name)
        if known and known[:3] == mark:
            self._seen[file.name] = known
            return str(known[3])
        digest = hashlib.sha256()
        with file.open() as stream:
            while chunk := stream.read(4 << 20):
                digest.update(chunk)
        if file.kind == "workbook":
            digest.update(b"\0" + str(file.member).encode())
        self._seen[file.name] = [*mark, digest.hexdigest()]
        return digest.hexdigest()

    def save(self) -> None:
        """Keep what was seen for the next night."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._seen), encoding="utf-8")
