"""Another notice's form, and documents of any content."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.documents.word import read_word
from rules.form import read_form
from rules.notice_file import read_notice
from rules.submission import Cell, Document, Form, Paragraph, Reading, Run, Table
from tests.builders import form_docx, good_values, zlcp
from tests.rules.test_form import LAYOUTS, filled

OTHER_NOTICE = """
id = "other-2030"
title = "关于征集评审专家的通知"
published = 2030-01-02
topic = "评审专家推荐"
register = "评审专家台账"
[association]
name = "某某学会"
self = "我会"
email = "a@example.cn"
address = "某地"
contacts = [{ name = "甲", phone = "1" }]
clause = "落款"
[subject]
words = "评审专家推荐"
short = "专家推荐"
dash = "-"
placeholder = "姓名"
clause = "二"
[deadline]
last_day = 2030-02-01
timezone = "Asia/Shanghai"
clause = "二"
[receipt]
pattern = "ZJ-{:03d}"
[form]
title = "评审专家推荐信息表"
word = "推荐表"
clause = "附件"
[[form.fields]]
key = "institution"
label = "推荐机构全称"
kind = "text"
required = true
clause = "1"
[[form.fields]]
key = "grade"
label = "职称等级"
kind = "choice"
clause = "2"
[[form.fields.options]]
key = "senior"
label = "正高级"
[[form.fields.options]]
key = "associate"
label = "副高级"
[[form.fields]]
key = "subjects"
label = "擅长学科方向"
kind = "list"
note = "（注：不超过三个，请按国家学科分类填写学科名称）"
clause = "3"
"""


def test_another_notice_needs_no_code():
    notice = read_notice(OTHER_NOTICE)
    data = form_docx({"institution": "某大学", "grade": ["associate"], "subjects": ["光学", "声学"]}, notice=notice, ticks="check")
    reading, form = read_form(read_word(data), notice)
    assert reading is Reading.FILLED
    assert form == Form({"institution": "某大学"}, {"grade": ("associate",)}, {"subjects": ("光学", "声学")})


_WORDS = st.one_of(
    st.sampled_from(
        [text for item in zlcp().fields for text in (item.label, item.group, item.note, *item.also, *item.printed, *(o.label for o in item.options)) if text]
    ),
    st.text("□☑☒■√×（）()：: \n\t—-、，1一abＡ①\ufffd\u200b", max_size=12),
    st.text(max_size=8),
    st.sampled_from(string.punctuation),
)
_PARAGRAPHS = st.lists(
    st.builds(Paragraph, st.lists(st.builds(Run, _WORDS, st.booleans(), st.booleans(), st.booleans()), max_size=3).map(tuple)), max_size=3
).map(tuple)
_CELLS = st.builds(Cell, _PARAGRAPHS, st.integers(0, 5), st.integers(1, 4), st.booleans())
_TABLES = st.builds(Table, st.lists(st.lists(_CELLS, max_size=4).map(tuple), max_size=5).map(tuple))
_NESTED = st.builds(
    Table, st.lists(st.lists(st.builds(Cell, _PARAGRAPHS, tables=st.lists(_TABLES, max_size=1).map(tuple)), max_size=3).map(tuple), max_size=3).map(tuple)
)


@settings(max_examples=150, deadline=None)
@given(st.builds(Document, st.lists(st.one_of(_TABLES, _NESTED), max_size=3).map(tuple), _PARAGRAPHS))
def test_any_document_is_read_without_an_error(document):
    reading, form = read_form(document, zlcp())
    assert (form is None) is (reading is Reading.ANOTHER)


_TEXT = st.text("中文字abcXYZ0189，。；（）“”-—% ", min_size=1, max_size=60).map(str.strip).filter(lambda text: text.strip("：:　 ") == text and text)


@settings(max_examples=60, deadline=None)
@given(st.lists(_TEXT, min_size=1, max_size=4).map("\n".join), _TEXT, st.sampled_from(LAYOUTS[:3] + LAYOUTS[4:]), st.sampled_from(["before", "after", "none"]))
def test_whatever_is_typed_into_a_text_field_comes_out_as_typed(long, short, layout, notes):
    values = good_values(introduction=long, unit_name=short)
    assert filled(form_docx(values, layout=layout, notes=notes)) == values
