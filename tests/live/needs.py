"""Marks for tests that need a real program: skipped where it is missing, but not in CI, where they then fail."""

import os
import shutil

import pytest


def needs(program: str, package: str) -> pytest.MarkDecorator:
    missing = shutil.which(program) is None and not os.environ.get("CI")
    return pytest.mark.skipif(missing, reason=f"{program} is not installed (Debian: {package})")


needs_libreoffice = needs("soffice", "libreoffice-writer-nogui")
needs_bubblewrap = needs("bwrap", "bubblewrap")
needs_dovecot = needs("doveadm", "dovecot-imapd")
