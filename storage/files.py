"""Files, addressed by their content: the raw mails and their attachments. Nothing is ever changed or deleted here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from storage.errors import FileDamaged, FileMissing, Unavailable

INCOMING = "incoming"
STALE_SECONDS = 3600


class Files:
    """A folder of files named by the SHA-256 of their bytes, in sub-folders by its first two digits. Any thread or process may use it."""

    def __init__(self, root: Path | str) -> None:
        """Open the folder, create it where it is not there yet, and clear away what a crash left half-written.

        Raises:
            Unavailable: it cannot be created or written.
        """
        self._root = Path(root)
        self._incoming = self._root / INCOMING
        with disk_trouble(self._root):
            self._incoming.mkdir(parents=True, exist_ok=True)
            sync_folder(self._root.parent)
            self._clear_stale()

    def put(self, data: bytes, *, durable: bool = True) -> str:
        """Keep these bytes; the same bytes are kept once.

        Args:
            data: the bytes.
            durable: whether they must survive a power cut from the moment this returns.

        Returns:
            Their SHA-256, lower-case hex.

        Raises:
            Unavailable: disk full, or the folder cannot be written; nothing half-written stands under the name.
        """
        name = sha256(data).hexdigest()
        path = self._path(name)
        with disk_trouble(path):
            path.parent.mkdir(exist_ok=True)
            if not _holds(path, data):
                self._write(path, data, durable=durable)
            elif durable:
                sync_file(path)
            if durable:
                # A name survives a power cut only when the folders that lead to it are on the disk too.
                sync_folder(path.parent)
                sync_folder(self._root)
        return name

    def get(self, name: str) -> bytes:
        """The bytes with this SHA-256.

        Raises:
            FileMissing: there are none.
            FileDamaged: what stands under the name has another hash.
            Unavailable: they cannot be read now.
        """
        path = self._path(name)
        with disk_trouble(path):
            try:
                data = path.read_bytes()
            except FileNotFoundError as error:
                raise FileMissing(f"the kept file {path} is missing; restore it from a backup") from error
        if sha256(data).hexdigest() != name:
            raise FileDamaged(f"the kept file {path} is damaged; restore it from a backup")
        return data

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name

    def _write(self, path: Path, data: bytes, *, durable: bool) -> None:
        descriptor, temporary = mkstemp(dir=self._incoming)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, no path
                file.write(data)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _clear_stale(self) -> None:
        """Remove what was begun long ago and never finished; a new file tells the time of the disk's own clock."""
        descriptor, probe = mkstemp(dir=self._incoming)
        now = os.fstat(descriptor).st_mtime
        os.close(descriptor)
        Path(probe).unlink()
        for left in self._incoming.iterdir():
            if now - left.stat().st_mtime > STALE_SECONDS:
                left.unlink(missing_ok=True)


def _holds(path: Path, data: bytes) -> bool:
    """Whether the file is there with these bytes; one that a power cut left empty or damaged is not."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Force a folder's names to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_trouble(path: Path) -> Iterator[None]:
    """Turn the disk's trouble into a StorageError.

    Raises:
        Unavailable: disk full, no rights, gone.
    """
    try:
        yield
    except OSError as error:
        raise Unavailable(f"cannot use {path}: {error.strerror or error}; free disk space, or mend the folder's permissions") from error
