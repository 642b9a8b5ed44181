"""A short turn of the mutation fuzzer, the same mails each time; and that it finds what is planted."""

import pytest

import daemon.documents.wordlike
from rules.form import read_form
from tests.fuzz import check, is_archive, made
from tests.live.needs import needs_libarchive

pytestmark = needs_libarchive

SEED, TRIES = 20240918, 250


def numbers() -> list[int]:
    """Without those whose archive could crash the system's library in this very process: `make fuzz` has them, and can lose a child."""
    return [number for number in range(TRIES) if not is_archive(SEED, number)]


def turn() -> None:
    for number in numbers():
        check(made(SEED, number))


def test_damaged_mails_and_forms_are_read_judged_and_answered_without_an_error():
    turn()


def test_the_same_numbers_make_the_same_mail():
    assert made(SEED, 3) == made(SEED, 3) != made(SEED, 4)


def test_a_planted_fault_is_found(monkeypatch):
    """A reader that cannot stand a form that has lost an answer."""

    def fragile(document, notice):
        reading, form = read_form(document, notice)
        if form is not None and not all(form.get(key) for key in ("unit_name", "postal_address", "contact_name", "email", "introduction")):
            raise KeyError("an answer")
        return reading, form

    monkeypatch.setattr(daemon.documents.wordlike, "read_form", fragile)
    with pytest.raises(KeyError):
        turn()
