"""Hostile mails through the real jail: each costs little, and the ordinary mail beside it is read. bench/bombs.py has more of them, and the figures."""

import pytest

from bench.bombs import BOMBS, measure
from tests.live.needs import needs_bubblewrap, needs_libarchive, needs_libreoffice

pytestmark = [needs_libreoffice, needs_bubblewrap, needs_libarchive]

SLOW = {"rtf, 3 M paragraphs", "html, 20,000 tables in tables", "tar.xz, 400 MB", "docx, 400 MB picture"}  # measured by the benchmark; their like is here too


@pytest.mark.parametrize("name", [name for name in BOMBS if name not in SLOW])
def test_a_bomb_costs_less_than_half_a_minute_and_a_gigabyte_and_stops_no_other_mail(name):
    cost = measure(name)
    assert cost.innocent_read
    assert cost.innocent_seconds < 15
    assert cost.seconds < 30
    assert cost.memory < (500 if "honest" in name else 1024)
    assert "set aside" not in cost.statuses
