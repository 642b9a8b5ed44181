"""Whether a form is filled in as it asks (formal check of 申报表, columns 1 to 10): the fields, never the substance."""

from collections.abc import Iterator

from rules.fields import count_characters, has_phone, is_email
from rules.messages import column, problem, quoted
from rules.notice import Field, Notice
from rules.problems import Problem
from rules.submission import Form
from rules.text import brief


def form_problems(form: Form, notice: Notice) -> tuple[Problem, ...]:
    """Everything the staff would ask to correct, or note, in the form's order; for any notice."""
    found = [each for field in notice.fields for each in _field_problems(field, form, notice)]
    return (*found, *_phone_problems(form, notice))


def _field_problems(field: Field, form: Form, notice: Notice) -> Iterator[Problem]:
    match field.kind:
        case "choice":
            yield from _choice_problems(field, form, notice)
        case _ if not _filled(form, field.key):
            yield from _missing(field, form, notice)
        case "email":
            if not is_email(str(form.get(field.key))):
                yield _about("form.email_invalid", field, notice, value=_quote(form, field))
        case "list":
            count = len(form.lists.get(field.key, ()))
            if 0 < field.most < count:
                yield _about("form.industry_count", field, notice, count=str(count), most=str(field.most))
    if field.suggested and _filled(form, field.key):
        yield from _length(field, form, notice)


def _missing(field: Field, form: Form, notice: Notice) -> Iterator[Problem]:
    """A required field that is empty, unless another one serves as well and is not."""
    if not field.required or field.key in form.unread:
        return
    if field.alternative and (_filled(form, field.alternative) or field.alternative in form.unread):
        return
    label = column(field)
    if field.alternative:
        label = f"{label}和{column(notice.field(field.alternative))}至少应填一项，均"
    yield problem("form.field_missing", notice, field=field.key, clause=field.clause, label=label)


def _choice_problems(field: Field, form: Form, notice: Notice) -> Iterator[Problem]:
    ticked = [option for option in field.options if option.key in form.choices.get(field.key, ())]
    if not ticked and field.required and field.key not in form.unread:
        yield _about("form.unit_type_missing", field, notice)
    if len(ticked) > 1:
        names = quoted(tuple(option.label for option in ticked), most=10)
        yield _about("form.unit_type_several", field, notice, count=str(len(ticked)), names=names)
    for option in ticked:
        if not option.nominates_itself:
            recommended = notice.paper_recommended or "须由推荐单位推荐，请在纸质版上加盖推荐单位公章"
            yield _about("form.recommendation_needed", field, notice, value=option.label, recommended=recommended.rstrip("。；"))
            return


def _length(field: Field, form: Form, notice: Notice) -> Iterator[Problem]:
    least, most = field.suggested or (0, 0)
    count = count_characters(str(form.get(field.key)))
    if not least <= count <= most:
        yield _about("form.introduction_length", field, notice, count=str(count), least=str(least), most=str(most))


def _phone_problems(form: Form, notice: Notice) -> Iterator[Problem]:
    """One warning where something stands in the fields for telephones, and none of it is a number."""
    fields = notice.of_kind("phone")
    typed = [str(form.get(field.key)) for field in fields if _filled(form, field.key)]
    if typed and not any(has_phone(text) for text in typed):
        label = "和".join(column(field) for field in fields)
        yield problem("form.phone_invalid", notice, clause=fields[0].clause, label=label)


def _about(code: str, field: Field, notice: Notice, **details: str) -> Problem:
    return problem(code, notice, clause=field.clause, label=column(field), **details)


def _filled(form: Form, key: str) -> bool:
    value = form.get(key)
    return bool(value.strip()) if isinstance(value, str) else any(item.strip() for item in value)


def _quote(form: Form, field: Field) -> str:
    return brief(str(form.get(field.key)))
