"""A form that was turned from a table into lines with tabs."""

import pytest

from rules.submission import Reading
from tests.builders import good_values, zlcp
from tests.ooxml import docx, lines, paragraph, run
from tests.rules.test_form import filled, read

GROUP = [item for item in zlcp().fields if item.group]


def form_lines(values: dict, tab: str) -> list[str]:
    """The form as Word turns a table into text."""
    texts = [zlcp().form_title, "联系人信息" + "".join(f"{tab}{item.label}" for item in GROUP), "".join(f"{tab}{values[item.key]}" for item in GROUP)]
    for item in zlcp().fields:
        if item.kind == "choice":
            ticked = [("☑" if option.key in values[item.key] else "□") + option.label for option in item.options]
            texts.append(f"{item.label}{tab}" + "\n".join(ticked))
        elif item.kind == "statement":
            texts += [f"{item.label}：", *item.printed]
        elif not item.group:
            value = values[item.key]
            texts += [f"{item.label}{tab}{value if isinstance(value, str) else '、'.join(value)}", item.note]
    return texts


@pytest.mark.parametrize("tab", ["\t", "\t\t"])
def test_columns_may_be_tabs(tab):
    data = docx(*(lines(text) for text in ["附件：", *form_lines(good_values(), tab)]))
    form = read(data)[1]
    assert form is not None
    assert (filled(data), form.inferred) == (good_values(), ())


def test_styles_are_kept_in_columns():
    texts = form_lines(good_values(unit_types=[]), "\t")
    place = next(number for number, text in enumerate(texts) if text.startswith("单位性质"))
    names = [option.label for option in zlcp().field("unit_types").options]
    marked = paragraph(run("单位性质\t□"), *(piece for name in names for piece in (run(name, bold=name == names[2]), run("  □"))))
    assert filled(docx(*(marked if number == place else lines(text) for number, text in enumerate(texts))))["unit_types"] == ["ip_operation_center"]


def test_a_letter_with_tabs_is_not_the_form():
    texts = ["关于报送申报表的函", "单位名称\t某协会", "联系人\t张三", "电话\t010-12345678"]
    assert read(docx(*(paragraph(text) for text in texts))) == (Reading.ANOTHER, None)
