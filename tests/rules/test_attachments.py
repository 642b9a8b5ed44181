"""Which file is the form, and what is said where none is (notice, 五（一）; contract, problem codes)."""

from dataclasses import replace

import pytest

from rules.attachments import choose_form
from rules.links import cloud_links
from rules.submission import Letter, Role, Status
from tests.rules.examples import UNIT, archive, blank, form, logo, other_word, real_notice, scan, unread, word


def choose(*attachments, unit=UNIT, linked=False):
    return choose_form(attachments, real_notice(), unit, linked=linked)


def codes(*attachments, **options):
    return [each.code for each in choose(*attachments, **options).problems]


def test_a_filled_form_is_chosen():
    choice = choose(scan(), word())
    assert choice.chosen.name == "申报表.docx"
    assert (choice.problems, choice.checks, choice.review) == ((), (), False)


def test_a_filled_form_beats_a_blank_one_which_is_then_no_form():
    choice = choose(blank("空白申报表.docx"), word())
    assert choice.chosen.name == "申报表.docx"
    assert [each.role for each in choice.attachments] == [Role.OTHER, Role.FORM]
    assert choice.problems == ()


def test_the_same_form_twice_is_no_problem():
    choice = choose(archive(), replace(word(), within=("申报材料.zip",)), word(name="副本.docx"))
    assert (choice.problems, choice.checks) == ((), ())
    assert [each.role for each in choice.attachments] == [Role.ARCHIVE, Role.FORM, Role.FORM]


def test_of_two_versions_the_fuller_counts_and_the_staff_are_told():
    choice = choose(word(name="全.docx"), word(form(postal_address=""), name="缺-终稿.docx"))
    assert choice.chosen.name == "全.docx"
    assert choice.problems == ()
    assert "全.docx" in choice.checks[0]
    assert "缺-终稿.docx" in choice.checks[0]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("申报表-终稿.docx", "申报表.docx", "申报表-终稿.docx"),
        ("申报表20240911.docx", "申报表20240910.docx", "申报表20240911.docx"),
        ("申报表9.2.docx", "申报表9.10.docx", "申报表9.10.docx"),
        ("申报表1.docx", "申报表2.docx", "申报表2.docx"),
    ],
)
def test_of_two_full_versions_the_final_or_later_one_counts(first, second, counts):
    choice = choose(word(form(postal_address="甲"), name=first), word(form(postal_address="乙"), name=second))
    assert choice.chosen.name == counts
    assert len(choice.checks) == 1


def test_a_version_with_the_units_name_mended_is_still_of_that_unit():
    assert codes(word(form(unit_name="微电网协会")), word(form())) == []


def test_a_group_and_its_institute_are_two_units():
    group = form(
        unit_name="中国联泰电气集团有限公司", introduction="集" * 400, evaluation_capability="甲", postal_address="乙", contact_name="丙", email="a@b.cn"
    )
    institute = form(unit_name="中国联泰电气集团有限公司第十二研究所")
    assert codes(word(group), word(institute)) == ["attachment.several_forms"]


def test_a_copy_of_a_form_with_another_unit_is_another_units():
    assert codes(word(), word(form(unit_name="国家特种玻璃技术创新中心"))) == ["attachment.several_forms"]


OTHER_UNIT = form(
    unit_name="国家特种玻璃技术创新中心",
    postal_address="青岛",
    contact_name="范志远",
    contact_position="办公室",
    contact_phone="0532-60752917",
    contact_mobile="13800342366",
    email="fan@glass.example",
    introduction="玻" * 350,
    evaluation_capability="玻璃",
    types=("technology_innovation_center",),
)


def test_forms_of_two_units_are_not_judged_together():
    choice = choose(word(OTHER_UNIT, "甲.docx"), word(name="乙.docx"))
    assert [each.code for each in choice.problems] == ["attachment.several_forms"]
    assert UNIT in choice.problems[0].message
    assert "国家特种玻璃技术创新中心" in choice.problems[0].message
    assert choice.chosen.name == "乙.docx"


def test_of_several_units_the_first_counts_where_the_subject_names_neither():
    assert choose(word(OTHER_UNIT, "甲.docx"), word(name="乙.docx"), unit=None).chosen.name == "甲.docx"
    assert choose(word(OTHER_UNIT, "甲.docx"), word(name="乙.docx"), unit="上海钢琴厂").chosen.name == "甲.docx"


def test_macros_are_a_warning():
    choice = choose(word(name="申报表.docm", macros=True))
    assert [(each.code, each.severity) for each in choice.problems] == [("attachment.macro", "warning")]


@pytest.mark.parametrize(
    ("attachments", "code"),
    [
        ((), "attachment.missing"),
        ((logo(),), "attachment.missing"),
        ((archive(),), "attachment.missing"),
        ((logo("smime.p7s"), replace(logo("card.vcf"), media_type="text/x-vcard")), "attachment.missing"),
        ((scan(),), "attachment.not_word"),
        ((archive(), scan("申报表.jpg")), "attachment.not_word"),
        ((replace(logo("申报表.xlsx"), media_type="application/vnd.ms-excel"),), "attachment.not_word"),
        ((replace(logo("申报表.txt"), media_type="text/plain"),), "attachment.not_word"),
        ((replace(scan("申报表.pdf"), status=Status.CORRUPT),), "attachment.not_word"),
        ((blank(), scan()), "form.blank"),
        ((blank(), other_word()), "form.blank"),
        ((other_word(),), "form.wrong_template"),
        ((other_word(), scan()), "form.wrong_template"),
        ((other_word("推荐函.docx"), scan("申报表.pdf")), "attachment.not_word"),
        ((other_word("2023年申报表.docx"), scan("申报表.pdf")), "form.wrong_template"),
        ((unread(status=Status.ENCRYPTED),), "attachment.encrypted"),
        ((archive(status=Status.ENCRYPTED), scan()), "attachment.encrypted"),
        ((unread(status=Status.CORRUPT), scan()), "attachment.corrupt"),
        ((unread(status=Status.CORRUPT), other_word()), "attachment.corrupt"),
        ((archive(status=Status.REFUSED),), "attachment.refused"),
        ((unread(status=Status.CORRUPT), archive(status=Status.ENCRYPTED)), "attachment.corrupt"),
        ((unread("大文件", Status.REFUSED, Role.OTHER),), "attachment.refused"),
    ],
)
def test_without_a_form_the_likeliest_reason_is_given(attachments, code):
    choice = choose(*attachments)
    assert [each.code for each in choice.problems] == [code]
    assert choice.chosen is None
    assert not choice.review


def test_different_failures_are_all_named_at_once():
    assert codes(unread("申报表1.docx", Status.CORRUPT), unread("申报表2.docx", Status.ENCRYPTED)) == ["attachment.corrupt", "attachment.encrypted"]


@pytest.mark.parametrize(
    ("attachments", "code"),
    [
        ((), "attachment.cloud_link"),
        ((scan("盖章页.pdf"),), "attachment.cloud_link"),
        ((logo(),), "attachment.cloud_link"),
        ((scan("申报表.pdf"),), "attachment.not_word"),
        ((other_word("申报表.docx"),), "form.wrong_template"),
        ((word(),), None),
    ],
)
def test_a_link_to_a_drive_counts_where_no_file_could_be_the_form(attachments, code):
    assert codes(*attachments, linked=True) == ([code] if code else [])


@pytest.mark.parametrize("also", [(), (scan(),), (blank(),), (unread(status=Status.CORRUPT),), (archive(status=Status.ENCRYPTED),)])
def test_what_we_failed_to_read_is_left_to_a_person(also):
    choice = choose(unread("申报表.doc", Status.CONVERTED_FAILED), *also)
    assert choice.review
    assert choice.problems == ()
    assert "申报表.doc" in choice.checks[0]


@pytest.mark.parametrize("bad", [unread("旧.doc", Status.CORRUPT), archive("其他.zip", Status.ENCRYPTED), unread("旧.doc", Status.CONVERTED_FAILED)])
def test_beside_a_form_that_was_read_other_failures_only_go_to_the_staff(bad):
    choice = choose(word(), bad)
    assert choice.problems == ()
    assert not choice.review
    assert bad.name in choice.checks[0]
    assert [each.role for each in choice.attachments].count(Role.FORM) == 1


def test_what_was_not_looked_into_is_a_line_for_each_reason_however_many_files_it_was():
    unread = [archive(f"{number}.zip", Status.REFUSED) for number in range(5)] + [archive("锁.zip", Status.ENCRYPTED)]
    assert choose(word(), *unread).checks == (
        "附件“0.zip”、“1.zip”、“2.zip”等5个出于安全考虑未打开，内容未看",
        "附件“锁.zip”设有密码，内容未看",
    )


def test_the_message_names_the_file():
    assert "申报材料.zip" in choose(archive(status=Status.ENCRYPTED)).problems[0].message


@pytest.mark.parametrize(
    "link",
    [
        "https://mail.qq.com/cgi-bin/ftnExs_download?t=exs_ftn_download&k=1&code=2",
        "http://wx.mail.qq.com/ftn/download?func=3&key=x",
        "https://mail.163.com/large-attachment-download/index.html?p=X",
        "https://dashi.163.com/html/cloud-attachment-download/?key=1",
        "https://edisk.qiye.163.com/api/biz/attachment/download?x=1",
        "https://www.kdocs.cn/l/abc",
        "https://docs.qq.com/doc/D",
        "https://pan.baidu.com/s/1a?pwd=1234",
        "https://www.alipan.com/s/x",
        "https://share.weiyun.com/x",
        "https://pan.quark.cn/s/x",
        "https://cloud.189.cn/t/x",
    ],
)
def test_links_to_drives_are_known(link):
    assert cloud_links(Letter(links=("https://www.ppac.org.cn/", link))) == (link,)


@pytest.mark.parametrize(
    "link",
    [
        "https://mail.qq.com/",
        "https://pan.baidu.com/",
        "https://www.wps.cn/",
        "https://www.wps.cn/download",
        "https://docs.qq.com/",
        "https://www.163.com/",
        "https://www.baidu.com/s?wd=pan.baidu.com",
        "https://example.cn/?u=https://pan.baidu.com/s/1",
    ],
)
def test_other_links_are_none(link):
    assert cloud_links(Letter(links=(link,))) == ()
