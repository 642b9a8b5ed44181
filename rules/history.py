"""What a form changes against the version that the register holds."""

from rules.notice import Notice
from rules.submission import Form


def changed_labels(before: Form | None, after: Form, notice: Notice) -> tuple[str, ...]:
    """Labels of the fields that differ, in the form's order; every filled field where there was no form before."""
    old = before or Form()
    return tuple(field.title for field in notice.fields if _value(old, field.key) != _value(after, field.key))


def _value(form: Form, key: str) -> tuple[str, ...]:
    """A field's value whatever its kind, without the blanks that say nothing."""
    value = form.get(key)
    items = (value,) if isinstance(value, str) else value
    return tuple(joined for item in items if (joined := " ".join(item.split())))
