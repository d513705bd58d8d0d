"""Text in any encoding becomes UTF-8, and says what had to be mended."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.ingest.files import RawFile

_CHUNK = 4 << 20
_REPLACEMENT = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))


@dataclass(frozen=True)
class Decoded:
    """A text file in UTF-8 without a mark, and how it got there."""

    path: Path
    encoding: str
    count_replaced: int
    """Characters that could not be decoded."""
    count_nul: int

    @property
    def notes(self) -> list[str]:
        """What a reader of the verdict should know."""
        notes = []
        if self.count_replaced:
            notes.append(f"{self.count_replaced:,} broken characters were replaced by {_REPLACEMENT}")
        if self.count_nul:
            notes.append(f"{self.count_nul:,} NUL bytes were replaced by {_REPLACEMENT}")
        return notes


def head_text(head: bytes) -> str:
    """Decode the first bytes of a file well enough to recognise it."""
    encoding = _marked(head) or ("utf-8" if _decodes(head) else "cp1252")
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(head).lstrip("\ufeff")


def _decodes(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def decode(file: RawFile, scratch: Path, encoding: str | None = None) -> Decoded:
    """Return `file` as UTF-8: the file itself when it already is, else a copy at `scratch`.

    Args:
        file: A text file.
        scratch: Where a copy may be written.
        encoding: Encoding pinned by the user.

    Raises:
        UnreadableFileError: the file is packed and damaged.
    """
    encoding = encoding or detect(file)
    plain_file = file.member is None and not file.is_gzip
    if encoding == "utf-8" and plain_file and not _holds_nul(file):
        return Decoded(file.path, "utf-8", 0, 0)
    replaced = nul = 0
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    with file.open() as stream, scratch.open("w", encoding="utf-8", newline="", errors="replace") as out:
        first = True
        while True:
            chunk = stream.read(_CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            if first:
                text = text.lstrip("\ufeff")
                first = first and not text
            replaced += text.count(_REPLACEMENT)
            nul += text.count("\0")
            out.write(text.replace("\0", _REPLACEMENT))
            if not chunk:
                break
    return Decoded(scratch, "utf-8" if encoding == "utf-8-sig" else encoding, replaced, nul)


def _holds_nul(file: RawFile) -> bool:
    with file.open() as stream:
        return any(b"\0" in chunk for chunk in _chunks(stream))


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def detect(file: RawFile) -> str:
    """Return the encoding: by mark, by UTF-16's pattern, strict UTF-8, else Windows-1252 or Latin-1.

    A file that is UTF-8 but for a few broken bytes stays UTF-8: reading it as Windows-1252 would spoil every
    character that is right.
    """
    head = file.head()
    marked = _marked(head)
    if marked:
        return marked
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.open() as stream:
            for chunk in _chunks(stream):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _legacy(file)
    return "utf-8"


def _marked(head: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(b"\0"), head[1::2].count(b"\0")
    if len(head) >= 4 and max(even, odd) > len(head) * 0.2 and max(even, odd) > 20 * max(1, min(even, odd)):
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _legacy(file: RawFile) -> str:
    broken = right = 0
    has_gaps = False
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with file.open() as stream:
        for chunk in _chunks(stream):
            text = decoder.decode(chunk)
            bad = text.count(_REPLACEMENT)
            broken += bad
            right += len(text) - len(text.encode("ascii", "ignore")) - bad
            has_gaps = has_gaps or any(byte in chunk for byte in _NOT_IN_1252)
    if right > 10 * broken:
        return "utf-8"
    return "latin-1" if has_gaps else "cp1252"
