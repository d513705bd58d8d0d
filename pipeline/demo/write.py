"""Files, the same to the byte for the same arguments: text lines, gzip, zip and Parquet."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.warehouse import Warehouse

BOM = b"\xef\xbb\xbf"
#: The oldest time a zip member can carry; the real one would make every archive different.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class Files:
    """Writes below one folder and counts what it wrote; compression goes on beside the next query."""

    def __init__(self, folder: Path, warehouse: Warehouse, level: int = 6) -> None:
        self.folder = folder
        self._level = level
        self._warehouse = warehouse
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._pending: list[Future[None]] = []
        self._tables: dict[str, pq.ParquetWriter] = {}
        self.written: list[Path] = []

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *failure: object) -> None:
        self.settle()
        self._pool.shutdown()
        for writer in self._tables.values():
            writer.close()

    def settle(self) -> None:
        """Wait until everything is on the disk."""
        for future in self._pending:
            future.result()
        self._pending.clear()

    def text(self, name: str, parts: Sequence[bytes | pa.Buffer]) -> None:
        """Write a text file; a name that ends in .gz is compressed."""
        path = self._path(name)
        if len(self._pending) > 4:
            self._pending.pop(0).result()
        self._pending.append(self._pool.submit(_write, path, list(parts), self._level))

    def lines(self, name: str, select: str, header: str = "", *, newline: str = "\n", bom: bool = False) -> None:
        """Write the one text column of a SELECT, a line each.

        Args:
            name: File below the folder.
            select: SELECT of `line`, ordered.
            header: First line; none when empty.
            newline: What ends a line.
            bom: Begin with a byte order mark.
        """
        self.text(name, self._lines(select, header, newline, bom))

    def _lines(self, select: str, header: str, newline: str, bom: bool) -> list[bytes | pa.Buffer]:
        ending = "chr(13) || chr(10)" if newline == "\r\n" else "chr(10)"
        column = self._warehouse.arrow(f"select line || {ending} as line from ({select})").column("line")
        top = (header + newline).encode() if header else b""
        return [(BOM if bom else b"") + top, *text_of(column)]

    def archive(self, name: str, members: dict[str, tuple[str, str]]) -> None:
        """Write a zip of text files: member -> header and SELECT of `line`."""
        with zipfile.ZipFile(self._path(name), "w") as packed:
            for member, (header, select) in members.items():
                info = zipfile.ZipInfo(member, _ZIP_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                packed.writestr(info, b"".join(bytes(part) for part in self._lines(select, header, "\n", False)))

    def table(self, name: str, select: str) -> None:
        """Write an ordered SELECT as Parquet."""
        self.append(name, self._warehouse.arrow(select))

    def append(self, name: str, rows: pa.Table) -> None:
        """Write more rows of a Parquet file that is too large to be made at once."""
        if name not in self._tables:
            self._tables[name] = pq.ParquetWriter(self._path(name), rows.schema, compression="zstd", version="2.6")
        self._tables[name].write_table(rows)

    def _path(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.written.append(path)
        return path


def text_of(column: pa.ChunkedArray) -> list[pa.Buffer]:
    """Return the characters of a text column one after the other, without touching a row."""
    parts = []
    for chunk in column.chunks:
        texts = chunk.cast(pa.large_string())
        if not len(texts):
            continue
        ends = texts.buffers()[1]
        offsets = memoryview(ends).cast("q")
        begin, end = offsets[texts.offset], offsets[texts.offset + len(texts)]
        parts.append(texts.buffers()[2].slice(begin, end - begin))
    return parts


def _write(path: Path, parts: list[bytes | pa.Buffer], level: int) -> None:
    with path.open("wb") as file:
        if path.suffix != ".gz":
            file.writelines(memoryview(part) for part in parts)
            return
        # Window bits of 31 ask zlib for a gzip frame of its own, which carries no time and no file name.
        packer = zlib.compressobj(level, zlib.DEFLATED, 31)
        for part in parts:
            file.write(packer.compress(memoryview(part)))
        file.write(packer.flush())
