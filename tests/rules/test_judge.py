"""The judge: one mail, one verdict (contract: kinds, decisions, replies)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.fields import name_key
from rules.judge import clues_of, judge
from rules.messages import WORDING
from rules.problems import Answer, Decision, Kind, Severity
from rules.submission import Form, Letter, Mailbox, Standing, Status, Submission
from tests.rules.examples import (
    SENDER,
    UNIT,
    archive,
    blank,
    codes,
    form,
    in_time,
    known,
    letter,
    logo,
    other_word,
    real_notice,
    scan,
    second_notice,
    subject,
    submission,
    unread,
    verdict,
    word,
)
from tests.strategies import standings, submissions

LATE = real_notice().deadline + timedelta(minutes=1)


# -- a new application


def test_a_faultless_mail_is_accepted_and_acknowledged():
    judged = verdict(word(), scan())
    assert (judged.kind, judged.decision, judged.answer) == (Kind.APPLICATION, Decision.ACCEPTED, Answer.ACKNOWLEDGEMENT)
    assert (judged.unit_name, judged.subject_unit_name, judged.problems, judged.checks) == (UNIT, UNIT, (), ())
    assert (judged.application, judged.version, judged.known_as, judged.silence) == (None, 1, "", "")


def test_all_faults_are_named_at_once():
    judged = verdict(word(form(postal_address="", email="没有", types=())), line="申报材料")
    assert codes(judged) == ["subject.prefix", "form.field_missing:postal_address", "form.email_invalid", "form.unit_type_missing"]
    assert (judged.decision, judged.answer, judged.version) == (Decision.CORRECTION, Answer.CORRECTION, 1)


def test_a_mail_after_the_last_day_is_late_whatever_else_is_wrong():
    judged = verdict(word(form(postal_address="")), at=LATE)
    assert codes(judged) == ["form.field_missing:postal_address", "deadline.passed"]
    assert (judged.decision, judged.answer, judged.version) == (Decision.LATE, Answer.LATE, 1)


def test_what_we_failed_to_read_is_for_a_person_and_no_fault_of_the_applicant():
    judged = verdict(unread("申报表.doc", Status.CONVERTED_FAILED))
    assert (judged.decision, judged.answer, codes(judged), judged.version) == (Decision.REVIEW, Answer.RECEIVED, [], 1)


def test_a_wrong_subject_over_a_form_that_we_failed_to_read_is_named_but_still_for_a_person():
    judged = verdict(unread("申报表.doc", Status.CONVERTED_FAILED), line="申报材料")
    assert (judged.decision, codes(judged)) == (Decision.REVIEW, ["subject.prefix"])


def test_late_goes_before_review():
    assert verdict(unread("申报表.doc", Status.CONVERTED_FAILED), at=LATE).decision is Decision.LATE


def test_warnings_and_notes_do_not_stop_an_application():
    judged = verdict(word(form(types=("other",), introduction="短")), line=f"回复：{subject()}")
    assert codes(judged) == ["subject.form", "form.introduction_length", "form.recommendation_needed"]
    assert judged.decision is Decision.ACCEPTED


# -- the subject against the form


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (subject(), []),
        (subject("微电网设备协会"), ["subject.unit_abbreviated"]),
        (subject(f"{UNIT}秘书处"), ["subject.form"]),
        (subject("中国微电网没备行业协会"), ["subject.form"]),
        (subject("国家特种玻璃技术创新中心"), ["subject.unit_mismatch"]),
        ("承担单位-国家特种玻璃技术创新中心", ["subject.form", "subject.unit_mismatch"]),
        (subject("单位名称"), ["subject.unit_missing"]),
        (real_notice().subject_words, ["subject.unit_missing"]),
        (f"{real_notice().subject_words}（{UNIT}，张三）", ["subject.form"]),
        (f"{UNIT}申报产业评价中心承担单位的材料", ["subject.form"]),
        ("申报材料", ["subject.prefix"]),
        (f"申报材料——{UNIT}", ["subject.prefix"]),
        ("申报材料——国家特种玻璃技术创新中心", ["subject.prefix"]),
        ("", ["subject.prefix"]),
    ],
)
def test_the_subject_is_compared_with_the_form(line, found):
    assert codes(verdict(word(), line=line)) == found


def test_a_mismatch_names_both_units():
    (found,) = verdict(word(), line=subject("国家特种玻璃技术创新中心")).problems
    assert UNIT in found.message
    assert "国家特种玻璃技术创新中心" in found.message


@pytest.mark.parametrize(
    "typed", [f"{UNIT}\nChina Microgrid Association", f"{UNIT}（China Microgrid Association）", f"{UNIT}（简称：微网协）", f"“{UNIT}”", f"{UNIT}。"]
)
def test_what_only_goes_with_the_units_name_is_not_missed_in_the_subject(typed):
    assert codes(verdict(word(form(unit_name=typed)), line=subject())) == []


def test_a_short_name_that_the_form_itself_gives_is_no_other_unit():
    filled = form(introduction=f"{UNIT}（以下简称“网协”）" + "简" * 350)
    assert codes(verdict(word(filled), line=subject("网协"))) == ["subject.unit_abbreviated"]
    assert codes(verdict(word(filled), line=subject("船协"))) == ["subject.unit_mismatch"]


def test_a_subject_to_be_mended_is_given_with_the_units_name_where_that_is_known():
    (found,) = verdict(word(), line="申报材料").problems
    assert f"“{subject()}”后重新发送" in found.message
    assert "——单位名称”（“单位名称”处请写本单位全称）" in verdict(scan("申报表.pdf"), line="申报材料").problems[0].message


def test_a_doubtful_name_is_accepted_and_shown_to_the_staff():
    judged = verdict(word(), line=subject("中国微电网没备行业协会"))
    assert judged.decision is Decision.ACCEPTED
    assert judged.checks == (f"单位名称：主题为“中国微电网没备行业协会”，申报表为“{UNIT}”",)


def test_the_name_in_the_subject_is_the_forms_where_it_stands_there_whole():
    assert verdict(word(), line=f"{subject()}—张三").subject_unit_name == UNIT
    assert verdict(word(), line=subject(f"{UNIT}秘书处")).subject_unit_name == f"{UNIT}秘书处"
    assert verdict(word(), line=f"{UNIT}申报产业评价中心承担单位的材料").subject_unit_name == UNIT


def test_a_name_that_a_dash_cut_in_two_is_taken_whole():
    judged = verdict(word(form(unit_name="中国—上海合作组织技术转移中心")), line=f"{real_notice().subject_words}中国—上海合作组织技术转移中心")
    assert (judged.subject_unit_name, codes(judged)) == ("中国—上海合作组织技术转移中心", ["subject.form"])


def test_a_name_typed_with_blanks_or_in_other_characters_is_noted():
    assert codes(verdict(word(), line=subject("中国微电网 设备行业协会"))) == ["subject.form"]
    assert codes(verdict(word(), line=subject("中国微電網设备行业协会"))) == ["subject.form"]
    assert codes(verdict(word(form(unit_name="中国微电网 设备行业协会")))) == []


def test_the_answer_to_our_own_letter_need_not_name_the_unit_that_the_form_names():
    judged = verdict(word(), line="回复：补正通知（ZLCP-2024-0003）：专利密集型产品认定产业评价中心承担单位")
    assert codes(judged) == ["subject.form"]


def test_the_unit_of_the_subject_stands_in_where_the_form_names_none():
    judged = verdict(word(form(unit_name="")))
    assert (judged.unit_name, codes(judged)) == (UNIT, ["form.field_missing:unit_name"])


def test_between_forms_of_several_units_no_mismatch_is_added():
    other = form(
        unit_name="国家特种玻璃技术创新中心",
        **dict.fromkeys(("postal_address", "contact_name", "contact_phone", "contact_mobile", "introduction"), "玻"),
        types=("other",),
    )
    assert "subject.unit_mismatch" not in codes(verdict(word(other), word(), line=subject("上海钢琴厂")))


def test_a_form_without_a_mail_is_judged_without_a_subject():
    judged = judge(Submission(Letter(), (word(),), in_time()), Standing(), real_notice())
    assert (judged.decision, codes(judged), judged.answer) == (Decision.ACCEPTED, [], None)


# -- application or inquiry

BARE = {"text": ""}


@pytest.mark.parametrize(
    ("line", "text", "attachments", "found"),
    [
        (subject(), "", (), ["attachment.missing"]),
        (subject(), "请查收附件。", (logo(),), ["attachment.missing"]),
        (subject(), "贵协会：请问附件是否收到，请查收", (), ["attachment.missing"]),
        (real_notice().subject_words, "见附件", (), ["subject.unit_missing", "attachment.missing"]),
        ("承担单位——国家特种玻璃技术创新中心", "", (), ["subject.form", "attachment.missing"]),
        ("申报材料", "", (other_word(),), ["subject.prefix", "form.wrong_template"]),
        ("材料", "", (scan("申报表.pdf"),), ["subject.prefix", "attachment.not_word"]),
        ("材料", "请查收我单位申报表", (scan("1.pdf"),), ["subject.prefix", "attachment.not_word"]),
        ("专利密集型产品材料", "", (archive("x.zip", Status.ENCRYPTED),), ["subject.prefix", "attachment.encrypted"]),
        ("你好", "", (word(),), ["subject.prefix"]),
        ("????????", "申报表", (scan("1.pdf"),), ["subject.prefix", "attachment.not_word"]),
        ("请问这样填对吗", "", (word(),), ["subject.prefix"]),
        (subject("某某单位"), "", (blank(),), ["subject.unit_missing", "form.blank"]),
        (subject("中国能源咨询协会"), "", (blank(),), ["form.blank"]),
    ],
)
def test_who_means_to_apply_is_told_what_to_mend(line, text, attachments, found):
    judged = verdict(*attachments, line=line, text=text)
    assert (judged.kind, judged.decision, codes(judged)) == (Kind.APPLICATION, Decision.CORRECTION, found)


@pytest.mark.parametrize(
    ("line", "text", "attachments"),
    [
        ("咨询申报事宜", "请问产业技术研究院是否可以申报？", ()),
        ("关于专利密集型产品认定产业评价中心承担单位申报的咨询", "", ()),
        ("请问承担单位的条件", "", ()),
        (real_notice().subject_words, "请问需要哪些材料？", ()),
        (subject(), "老师，请问纸质版寄到哪里？", ()),
        (real_notice().subject_words, "请问附件在哪里下载？", ()),
        ("你好", "", ()),
        ("", "", ()),
        ("合作", "介绍见附件", (scan("公司简介.pdf"),)),
        ("合作", "", (other_word("合同.docx"),)),
        ("专利密集型产品申报培训邀请函", "", (scan("申报培训.pdf"),)),
        ("关于公开征集专利密集型产品认定产业评价中心承担单位的通知", "", (scan("通知.pdf"),)),
        ("请问这个表第5栏怎么填", "", (blank(),)),
        ("申报表怎么填？", "", (scan("申报表截图.png"),)),
        ("回复：收悉告知：咨询申报事宜", "谢谢", ()),
        ("回复：受理回执（ZLCP-2024-0003）：专利密集型产品认定产业评价中心承担单位——中国微电网设备行业协会", "收到，谢谢", ()),
    ],
)
def test_who_only_asks_or_writes_is_left_to_a_person(line, text, attachments):
    judged = verdict(*attachments, line=line, text=text)
    assert (judged.kind, judged.decision, judged.answer, judged.version) == (Kind.INQUIRY, Decision.NONE, Answer.RECEIVED, 0)
    assert judged.problems == ()


def test_a_link_to_a_drive_is_a_badly_sent_form():
    judged = verdict(text="申报表见链接", links=("https://pan.baidu.com/s/1",))
    assert codes(judged) == ["attachment.cloud_link"]


@pytest.mark.parametrize("how", ["references", "number"])
def test_a_question_about_our_letter_is_tied_to_its_application(how):
    judged = verdict(line="回复：补正通知", text="第2条是什么意思", standing=known(how, accepted=0))
    assert (judged.kind, judged.application, judged.known_as, judged.version) == (Kind.INQUIRY, 7, "ZLCP-2024-0003", 0)


@pytest.mark.parametrize("how", ["references", "number"])
def test_an_answer_to_our_letter_with_a_file_is_a_new_version(how):
    judged = verdict(scan("1.pdf"), line="回复：补正通知", standing=known(how, accepted=0, versions=2))
    assert (judged.kind, judged.decision, judged.version, judged.known_as) == (Kind.APPLICATION, Decision.CORRECTION, 3, "ZLCP-2024-0003")


def test_a_scan_sent_after_the_acknowledgement_is_no_failed_application():
    judged = verdict(scan(), line="回复：受理回执（ZLCP-2024-0003）", standing=known("references"))
    assert (judged.kind, judged.answer) == (Kind.INQUIRY, Answer.RECEIVED)


def test_an_accepted_unit_that_writes_again_without_a_file_is_not_asked_for_its_form():
    judged = verdict(text="纸质版已寄出", standing=known())
    assert judged.kind is Kind.INQUIRY


# -- machines, and when to keep silent


def test_a_machine_is_never_answered():
    judged = verdict(line="自动答复: 专利密集型产品认定产业评价中心承担单位", headers=(("auto-submitted", "auto-replied"),))
    assert (judged.kind, judged.automatic, judged.decision, judged.answer) == (Kind.AUTOMATIC, "auto_reply", Decision.NONE, None)
    assert (judged.unit_name, judged.problems, judged.version) == (None, (), 0)


@pytest.mark.parametrize("own", ["zlcp@ppac.org.cn", "ZLCP@ppac.org.cn", "digest@ppac.org.cn"])
def test_our_own_mail_is_never_answered(own):
    mail = letter(sender=own)
    judged = judge(submission(mail=mail), Standing(), real_notice(), own=frozenset({"digest@ppac.org.cn"}))
    assert (judged.kind, judged.automatic, judged.answer) == (Kind.AUTOMATIC, "own", None)


def test_an_application_with_our_own_address_to_answer_to_is_not_answered():
    mail = replace(letter(), reply_to=Mailbox("", "zlcp@ppac.org.cn"))
    judged = judge(submission(word(), mail=mail), Standing(), real_notice())
    assert (judged.decision, judged.answer) == (Decision.ACCEPTED, None)


def test_an_application_that_must_not_be_answered_is_recorded_in_silence():
    judged = verdict(word(), headers=(("x-auto-response-suppress", "All"),))
    assert (judged.decision, judged.version, judged.answer) == (Decision.ACCEPTED, 1, None)
    assert judged.silence
    assert judged.silence in judged.checks[-1]


@pytest.mark.parametrize(("answered", "cap", "silent"), [(5, 6, False), (6, 6, True), (99, 0, False), (0, 1, False), (1, 1, True)])
def test_one_address_gets_so_many_letters_a_day_and_no_more(answered, cap, silent):
    judged = judge(submission(word()), Standing(answered=answered), real_notice(), cap=cap)
    assert (judged.answer is None) == silent
    assert bool(judged.silence) == silent
    assert judged.version == 1


def test_a_repeated_mail_is_recorded_once_and_answered_once():
    standing = replace(known(), repeats="ZLCP-2024-0003")
    judged = verdict(word(form(postal_address="新址")), standing=standing)
    assert (judged.kind, judged.decision, judged.answer, judged.version) == (Kind.APPLICATION, Decision.NONE, None, 0)
    assert (judged.known_as, judged.silence) == ("ZLCP-2024-0003", "同一邮件重复到达，此前已处理")


FAILED = (("authentication-results", "mx.ppac.org.cn; dmarc=fail header.from=microgrid.example"),)


def test_a_sender_whom_the_server_doubts_is_noted():
    judged = verdict(word(), headers=FAILED)
    assert (codes(judged), judged.decision) == (["sender.unverified"], Decision.ACCEPTED)
    assert judged.checks


# -- an application that is known


def test_a_corrected_form_keeps_its_number_whoever_sends_it():
    judged = verdict(word(), standing=known(accepted=0, versions=2), sender="another@elsewhere.example")
    assert (judged.answer, judged.application, judged.version, judged.known_as) == (Answer.ACKNOWLEDGEMENT, 7, 3, "ZLCP-2024-0003")


def test_the_same_form_once_more_is_a_duplicate():
    judged = verdict(word(form(postal_address=" 北京市西城区广安门南街甲12号\n")), standing=known())
    assert (judged.decision, judged.answer, judged.version, judged.changes) == (Decision.ACCEPTED, Answer.DUPLICATE, 0, ())


def test_a_changed_form_is_an_update_that_names_what_changed():
    judged = verdict(word(form(contact_name="李四", industries=("微电网设备", "储能"))), standing=known())
    assert (judged.decision, judged.answer, judged.version) == (Decision.ACCEPTED, Answer.UPDATE, 2)
    assert judged.changes == ("联系人信息：姓名", "意向产业领域")


@pytest.mark.parametrize("how", ["unit", "number"])
def test_an_update_from_an_unknown_address_is_held_for_the_staff(how):
    judged = verdict(word(form(contact_name="李四")), standing=known(how), sender="stranger@elsewhere.example")
    assert (judged.decision, judged.answer, judged.version) == (Decision.REVIEW, Answer.RECEIVED, 2)
    assert "stranger@elsewhere.example" in judged.checks[-1]


def test_an_update_that_answers_a_letter_to_a_known_address_is_taken_from_any_address():
    standing = known("references")
    vouched = replace(standing, application=replace(standing.application, vouched=True))
    filled = form(contact_name="李四")
    assert verdict(word(filled), standing=vouched, sender="colleague@elsewhere.example").answer is Answer.UPDATE
    assert verdict(word(filled), standing=standing, sender="colleague@elsewhere.example").decision is Decision.REVIEW


def test_an_update_in_a_known_but_doubted_name_is_held_too():
    judged = verdict(word(form(contact_name="李四")), standing=known(), headers=FAILED)
    assert judged.decision is Decision.REVIEW


def test_a_failing_update_asks_for_correction():
    judged = verdict(word(form(postal_address="")), standing=known())
    assert (judged.decision, judged.answer, judged.version, judged.application) == (Decision.CORRECTION, Answer.CORRECTION, 2, 7)


def test_a_late_update_is_late():
    assert verdict(word(form(contact_name="李四")), standing=known(), at=LATE).answer is Answer.LATE


# -- for the staff


def test_what_was_inferred_or_not_readable_is_shown_to_the_staff():
    filled = replace(form(types=()), unread=("unit_types",), inferred=(("industries", "意向产业领域：按分行推断"),))
    judged = verdict(word(filled))
    assert judged.decision is Decision.ACCEPTED
    assert judged.checks == ("意向产业领域：按分行推断", "“单位性质”栏的勾选状态无法识别，请查看原件")


# -- what the register is asked


def test_the_clues_are_the_forms_unit_the_numbers_and_the_references():
    mail = letter("回复：补正通知（zlcp－2024-０００3）：承担单位——国家特种玻璃技术创新中心", references=("<9@x>",), sender="LiWJ@Microgrid.Example")
    clues = clues_of(submission(word(), mail=mail), real_notice())
    assert (clues.unit_key, clues.numbers, clues.references) == (name_key(UNIT), ("ZLCP-2024-0003",), ("<9@x>",))
    assert (clues.sender, clues.message_id, clues.fingerprint, clues.sha256) == (SENDER, "<1@microgrid.example>", "b" * 64, "a" * 64)


def test_without_a_form_the_subject_names_the_unit_to_look_up():
    assert clues_of(submission(), real_notice()).unit_key == name_key(UNIT)
    assert clues_of(submission(mail=letter("你好")), real_notice()).unit_key == ""


# -- whatever comes


@pytest.mark.parametrize("notice", [real_notice(), second_notice()], ids=lambda notice: notice.id)
@given(data=st.data())
def test_any_submission_is_judged_without_an_error(notice, data):
    given_, standing = data.draw(submissions(notice)), data.draw(standings(notice))
    judged = judge(given_, standing, notice)
    clues_of(given_, notice)
    errors = bool(judged.errors)
    assert all(each.code in WORDING and each.message and each.clause for each in judged.problems)
    assert len(judged.attachments) == len(given_.attachments)
    if judged.decision is Decision.ACCEPTED:
        assert not errors
        assert judged.form is not None
    if judged.decision is Decision.CORRECTION:
        assert errors
    if judged.decision is Decision.LATE:
        assert given_.received_at >= notice.deadline
    if judged.version:
        assert judged.kind is Kind.APPLICATION
        assert judged.version == (standing.application.versions if standing.application else 0) + 1
    if judged.kind is Kind.AUTOMATIC or standing.repeats is not None or standing.answered >= 6:
        assert judged.answer is None
    assert (judged.answer is None) == (bool(judged.silence) or judged.kind is Kind.AUTOMATIC)


@given(submissions(real_notice()))
def test_the_same_mail_is_judged_the_same_way_every_time(given_):
    assert judge(given_, Standing(), real_notice()) == judge(given_, Standing(), real_notice())


def test_no_severity_but_an_error_can_ask_for_correction():
    judged = verdict(word(form(types=("other",), introduction="短", industries=("甲", "乙", "丙"), contact_phone="见信", contact_mobile="")))
    assert {each.severity for each in judged.problems} == {Severity.WARNING, Severity.NOTE}
    assert judged.decision is Decision.ACCEPTED


def test_an_empty_form_value_is_judged_like_a_missing_one():
    judged = judge(submission(word(Form({"unit_name": UNIT}))), Standing(), real_notice())
    missing = ["postal_address", "contact_name", "contact_phone", "email", "industries", "introduction", "evaluation_capability"]
    assert [each.field for each in judged.problems if each.code == "form.field_missing"] == missing


def test_a_moment_at_the_end_of_time_is_late():
    assert verdict(word(), at=datetime.max.replace(tzinfo=UTC)).decision is Decision.LATE
