"""A form as JSON and back, exactly: a version's row keeps what was read, what was inferred and what could not be read."""

from typing import Any

from rules.submission import Form


def form_to_json(form: Form | None) -> dict[str, Any] | None:
    """The form as plain dicts and lists; None for no form."""
    if form is None:
        return None
    return {
        "values": dict(form.values),
        "choices": {key: list(ticked) for key, ticked in form.choices.items()},
        "lists": {key: list(items) for key, items in form.lists.items()},
        "unread": list(form.unread),
        "inferred": [list(pair) for pair in form.inferred],
        "others": list(form.others),
    }


def form_from_json(data: dict[str, Any] | None) -> Form | None:
    """The form that `form_to_json` wrote."""
    if data is None:
        return None
    return Form(
        values=dict(data["values"]),
        choices={key: tuple(ticked) for key, ticked in data["choices"].items()},
        lists={key: tuple(items) for key, items in data["lists"].items()},
        unread=tuple(data["unread"]),
        inferred=tuple((key, how) for key, how in data["inferred"]),
        others=tuple(data.get("others", ())),  # rows of an older program have none
    )
