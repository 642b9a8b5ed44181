"""Marks for tests that need a real program: skipped where it is missing, but not in CI, where they then fail."""

import os
import shutil
import subprocess
from ctypes.util import find_library

import pytest


def needs(program: str, package: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{program} is not installed (Debian: {package})")


needs_libarchive = pytest.mark.skipif(find_library("archive") is None and not os.environ.get("CI"), reason="libarchive is not installed (Debian: libarchive13)")
needs_libreoffice = needs("soffice", "libreoffice-writer-nogui")
needs_bubblewrap = needs("bwrap", "bubblewrap")
needs_dovecot = needs("doveadm", "dovecot-imapd")


def _chinese_font() -> bool:
    return shutil.which("fc-list") is not None and bool(subprocess.run(["fc-list", ":lang=zh"], check=False, capture_output=True).stdout)


needs_chinese_font = pytest.mark.skipif(
    not os.environ.get("CI") and not _chinese_font(), reason="no font has Chinese characters (Debian: fontconfig, fonts-droid-fallback)"
)
