"""What stands in the staff's digest: which mail where, and what a person is asked to do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.digest_facts import Category, Facts, Health, category_of
from daemon.digest_sections import MOST_ROWS, Digest, compose
from daemon.documents.reasons import Why
from storage.mails import SetAside
from storage.outbox import Undelivered
from storage.summary import AttachmentLine
from tests.daemon.papers import AUTOMATIC, BEIJING, INQUIRY, NOT_TAKEN_IN, at, form_of, mail_line, notice, problem, register_line, totals_of, unit

DAY = date(2024, 9, 10)


def facts(mails=(), *, register=None, **other) -> Facts:
    register = tuple(register_line(number) for number in range(1, 4)) if register is None else tuple(register)
    given_facts = {
        "day": DAY, "zone": BEIJING, "now": at(10, 17, 30), "notice": notice(), "mails": tuple(mails), "carried": (), "register": register,
        "totals": totals_of(register, len(mails)), "last_mail_at": at(10, 16), "health": Health(len(mails), at(10, 17, 29)),
    }  # fmt: skip
    return Facts(**(given_facts | other))


def section(digest: Digest, title: str):
    return next(each for each in digest.sections if each.title.startswith(title))


def matters(*mails, **other):
    return compose(facts(mails, **other)).matters


def attachment(name: str, status: str, reason: str = "") -> AttachmentLine:
    return AttachmentLine(name, (), 1, "", "", "form", status, reason)


# --- figures ---------------------------------------------------------------------------------------------------------------------------------


def test_the_subject_says_at_a_glance_whether_somebody_must_act():
    mails = [mail_line(1), mail_line(2), mail_line(3, decision="correction", answer="correction"), mail_line(4, **INQUIRY), mail_line(5, **AUTOMATIC)]
    assert compose(facts(mails)).subject == "【工作日报】产业评价中心承担单位申报 2024年9月10日（收5 受理2 补正1 待人工1）"


def test_an_empty_day_has_its_digest_too():
    digest = compose(facts(register=()))
    assert digest.subject.endswith("（收0 受理0 补正0 待人工0）")
    assert section(digest, "需要人工处理").lines == ("无。",)
    assert section(digest, "当日受理").lines == ("无。",)


@pytest.mark.parametrize(
    ("other", "category"),
    [
        ({}, Category.ACCEPTED),
        ({"version": 2, "answer": "update"}, Category.ACCEPTED),
        ({"version": 0, "answer": "duplicate"}, Category.REPEAT),
        ({"repeats": True, "decision": "none", "version": 0, "answer": ""}, Category.REPEAT),
        ({"decision": "correction"}, Category.CORRECTION),
        ({"decision": "late"}, Category.LATE),
        ({"decision": "review"}, Category.REVIEW),
        (INQUIRY, Category.INQUIRY),
        (INQUIRY | {"repeats": True}, Category.REPEAT),
        (AUTOMATIC, Category.AUTOMATIC),
        (NOT_TAKEN_IN | {"state": "kept"}, Category.WAITING),
        (NOT_TAKEN_IN | {"state": "set_aside"}, Category.SET_ASIDE),
        (NOT_TAKEN_IN | {"state": "discarded"}, Category.DISCARDED),
        ({"kind": "staff", "decision": "none"}, Category.STAFF),
    ],
)
def test_each_mail_is_in_one_category(other, category):
    assert category_of(mail_line(1, **other)) is category


ANY_MAIL = st.builds(
    lambda number, other: mail_line(number, **other),
    st.integers(1, 10_000),
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(["kept", "taken_in", "set_aside", "discarded"]),
            "kind": st.sampled_from(["", "application", "inquiry", "automatic", "staff"]),
            "decision": st.sampled_from(["", "accepted", "correction", "late", "review", "none"]),
            "automatic": st.sampled_from([None, "auto_reply", "bounce", "list", "something new"]),
            "version": st.integers(0, 3),
            "answer": st.sampled_from(["", "acknowledgement", "received"]),
            "repeats": st.booleans(),
            "unit_name": st.text(max_size=8),
        }
    ),
)


@given(st.lists(ANY_MAIL, max_size=8, unique_by=lambda mail: mail.id))
def test_the_days_figures_always_add_up_to_the_mails_received(mails):
    digest = compose(facts(mails))
    rows = dict(section(digest, "当日收件").rows)
    assert int(rows.pop("收件合计")) == len(mails) == sum(int(count) for count in rows.values())
    assert "统计" not in dict(section(digest, "系统运行情况").rows)


def test_figures_that_do_not_add_up_are_admitted():
    twice = compose(facts([mail_line(1), mail_line(1)]))
    assert "异常" in dict(section(twice, "系统运行情况").rows)["统计"]


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2024, 9, 10), "还有 8 天"), (date(2024, 9, 18), "今日为申报截止日"), (date(2024, 9, 20), "已过 2 天")],
)
def test_the_days_to_the_deadline_are_counted(day, words):
    assert words in section(compose(facts(day=day)), "当日收件").lines[0]


def test_the_running_totals_count_each_unit_once_by_where_it_stands():
    register = [register_line(1), register_line(2), register_line(3, status="correction"), register_line(4, status="late"), register_line(5, status="review")]
    line = section(compose(facts(register=register, totals=totals_of(register, 40))), "当日收件").lines[1]
    assert "收件 40 封，申报单位 5 家，其中已受理 2 家，待补正 1 家，逾期 1 家，待人工核对 1 家。" in line


# --- what a person must do -------------------------------------------------------------------------------------------------------------------


def test_a_mail_that_was_answered_as_it_should_be_asks_nothing_of_anybody():
    assert matters(mail_line(1), mail_line(2, decision="correction", answer="correction"), mail_line(3, **AUTOMATIC)) == ()


def test_an_attachment_that_we_failed_to_read_is_for_a_person_and_not_for_the_applicant():
    (matter,) = matters(
        mail_line(1, decision="review", answer="received", attachments=(attachment("申报表.wps", "converted_failed", Why.NO_LIBREOFFICE.value),))
    )
    assert "申报表.wps" in matter.reasons[0]
    assert "无须请其重新发送" in matter.advice[0]
    assert "zlcp queue retry m1" in matter.advice[0]
    assert "（技术原因：本机未安装LibreOffice，不能读取doc、wps等格式）" in matter.reasons[0]


@pytest.mark.parametrize("why", Why, ids=str)
def test_the_staff_read_in_chinese_why_a_file_was_not_read(why):
    (matter,) = matters(mail_line(1, decision="review", answer="received", attachments=(attachment("申报表.wps", "converted_failed", why.value),)))
    assert f"（技术原因：{why.chinese}）" in matter.reasons[0]
    assert why.value not in "".join(matter.reasons)


def test_a_reason_that_an_older_program_wrote_is_shown_as_it_is():
    (matter,) = matters(mail_line(1, decision="review", answer="received", attachments=(attachment("申报表.wps", "converted_failed", "BadZipFile"),)))
    assert "（技术原因：BadZipFile）" in matter.reasons[0]


def test_a_held_update_is_to_be_confirmed_by_telephone():
    (matter,) = matters(mail_line(1, decision="review", version=2, answer="received", checks=("更新待核：来自未登记的地址",)))
    assert matter.reasons == ("更新待核：来自未登记的地址",)
    assert "010-62150001、13800000001" in matter.advice[0]
    assert "原有效版本继续有效" in matter.advice[0]


def test_a_late_application_waits_for_a_decision():
    (matter,) = matters(mail_line(1, decision="late", answer="late"))
    assert "已逾截止日期" in matter.reasons[0]


def test_an_inquiry_names_its_writer_and_subject_so_that_it_can_be_found_and_answered():
    (matter,) = matters(mail_line(1, **INQUIRY))
    assert matter.unit == "示例 <office1@unit.example>"
    assert "请问是否需要寄送纸质版" in matter.reasons[0]


def test_a_mail_that_could_not_be_read_is_named_by_its_queue_number():
    (matter,) = matters(mail_line(7, **NOT_TAKEN_IN, state="set_aside", reason="KeyError: 'x'"))
    assert matter.number == "m7"
    assert "KeyError" in matter.reasons[0]
    assert "请人工查看办理" in matter.advice[0]


def test_a_mail_set_aside_long_ago_is_named_until_somebody_deals_with_it():
    (matter,) = matters(earlier_aside=(SetAside("m3", at(2, 9), "MemoryError", 3, "", 9),))
    assert (matter.number, "9月2日 09:00" in matter.reasons[0]) == ("m3", True)


def test_a_mail_that_waits_too_long_is_a_trouble_and_one_that_has_just_come_is_none():
    waiting = NOT_TAKEN_IN | {"state": "kept"}
    assert matters(mail_line(1, **waiting, received_at=at(10, 17, 20))) == ()
    assert "仍未处理" in matters(mail_line(1, **waiting, received_at=at(10, 9)))[0].reasons[0]


def test_a_letter_that_did_not_arrive_is_to_be_told_by_telephone():
    letter = Undelivered("r7", "failed", "correction", ("x@y.example",), "", "550 user unknown", 1, at(10, 9), at(10, 9), "ZLCP-2024-0001", unit(1), 1)
    (matter,) = matters(undelivered=(letter,))
    assert (matter.number, matter.unit) == ("ZLCP-2024-0001", unit(1))
    assert "补正通知未送达（发往x@y.example）：550 user unknown" in matter.reasons[0]
    assert "请电话联系（010-62150001、13800000001）" in matter.advice[0]


def test_a_letter_that_came_back_and_the_bounce_that_says_so_are_one_matter():
    letter = Undelivered(
        "r7", "failed", "acknowledgement", ("x@y.example",), "", "returned by mail m90", 0, at(10, 9), at(10, 9), "ZLCP-2024-0002", unit(2), 1, returned_by=90
    )
    bounce = mail_line(90, **AUTOMATIC | {"automatic": "bounce", "number": "ZLCP-2024-0002"}, subject="系统退信")
    (matter,) = matters(bounce, undelivered=(letter,))
    assert (matter.number, matter.unit) == ("ZLCP-2024-0002", unit(2))
    assert matter.reasons == ("受理回执未送达（发往x@y.example）：邮件被退回。该单位视为尚未收到通知",)
    assert matter.advice[0].startswith("请电话联系（010-62150002、")
    assert "zlcp queue discard r7" in matter.advice[1]


def test_a_letter_that_did_not_arrive_and_has_no_telephone_number_is_still_named():
    letter = Undelivered("r7", "failed", "received", ("x@y.example",), "", "550", 1, at(10, 9), at(10, 9), "", "", 1)
    (matter,) = matters(undelivered=(letter,))
    assert matter.unit == "x@y.example"
    assert "请设法与其联系" in matter.advice[0]


def test_a_digest_that_did_not_arrive_is_for_the_operator():
    letter = Undelivered("r7", "failed", "digest", ("staff@example.cn",), "", "550", 1, at(9, 9), at(9, 9), "", "", None)
    assert "日报收件人" in matters(undelivered=(letter,))[0].advice[0]


def test_a_bounce_is_shown_with_the_unit_that_it_is_tied_to():
    (matter,) = matters(mail_line(90, **AUTOMATIC | {"automatic": "bounce", "number": "ZLCP-2024-0002"}, subject="系统退信：补正通知（ZLCP-2024-0002）"))
    assert (matter.number, matter.unit) == ("ZLCP-2024-0002", unit(2))
    assert "010-62150002" in matter.advice[0]


def test_a_bounce_of_an_unknown_letter_is_shown_with_all_that_is_known_of_it():
    (matter,) = matters(mail_line(90, **AUTOMATIC | {"automatic": "bounce"}, subject="Undelivered Mail", checks=("未送达：x@unit.example",)))
    assert "Undelivered Mail；未送达：x@unit.example" in matter.reasons[0]


@pytest.mark.parametrize(
    ("other", "words"),
    [({}, "告知已受理"), ({"decision": "correction"}, "告知需补正的事项"), (INQUIRY, "告知来信已收到"), ({"decision": "late"}, "告知来信已收到")],
)
def test_a_person_who_got_no_letter_is_to_be_told(other, words):
    silent = other | {"answer": "", "reply_state": "", "silence": "达到上限", "checks": ("未自动回复：达到上限",)}
    digest = compose(facts([mail_line(1, **silent)]))
    (matter,) = digest.matters
    assert "未自动回复：达到上限" in matter.reasons
    assert any(words in advice for advice in matter.advice)
    assert not any("未自动回复" in row[2] for row in section(digest, "请核对").rows)


def test_a_mail_without_an_address_to_answer_to_is_named():
    (matter,) = matters(mail_line(1, answer="", reply_state=""))
    assert "没有可用的回信地址" in matter.reasons[0]


def test_one_mail_is_one_row_however_many_reasons_it_has():
    (matter,) = matters(mail_line(1, decision="late", answer="", silence="达到上限"))
    assert len(matter.reasons) == 2


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (Health(0, at(10, 17, 29), "imap.example.cn refused the login"), "连接异常"),
        (Health(0, at(10, 12), overdue=True), "自9月10日 12:00起未能检查邮箱"),
        (Health(9, at(10, 17, 29)), "邮箱现有 9 封，只登记了 0 封"),
    ],
)
def test_trouble_of_the_daemon_comes_first(health, words):
    digest = compose(facts(health=health, earlier_aside=(SetAside("m3", at(2, 9), "MemoryError", 3, "", 9),)))
    assert words in digest.matters[0].reasons[0]
    assert len(digest.matters) == 2


@pytest.mark.parametrize("in_mailbox", [None, 0, 5])
def test_mails_that_the_staff_removed_from_the_mailbox_are_no_trouble(in_mailbox):
    assert compose(facts(totals=totals_of((), 5), health=Health(in_mailbox, at(10, 17, 29)))).matters == ()


def test_a_review_of_an_earlier_day_is_recalled_and_not_counted_again():
    register = [register_line(1), register_line(2, status="review"), register_line(3, newest_decision="review")]
    digest = compose(facts(register=register))
    assert digest.matters == ()
    assert "ZLCP-2024-0002、ZLCP-2024-0003" in section(digest, "需要人工处理").lines[0]


# --- the other sections ----------------------------------------------------------------------------------------------------------------------


def test_what_was_accepted_today_is_listed_with_what_the_staff_sort_by():
    rows = section(compose(facts([mail_line(1), mail_line(2, version=3, answer="update")])), "当日受理（2 件）").rows
    assert rows[0] == ("ZLCP-2024-0001", unit(1), "全国性行业协会", "微电网设备、新型储能", "首次受理", "9月10日 09:01")
    assert rows[1][4] == "第 3 版"


def test_corrections_are_listed_by_the_days_they_have_waited_and_a_call_is_advised_in_time():
    open_points = (problem(message="缺通讯地址。"), problem("subject.form", "写法。", "note"), problem(message="缺手机。"))
    register = [
        register_line(1, status="correction", updated_at=at(10, 9), problems=open_points),
        register_line(2, status="correction", updated_at=at(6, 23, 59), problems=open_points),
        register_line(3, status="correction", updated_at=at(7, 0), form=None),
        register_line(4),
    ]
    rows = section(compose(facts(register=register)), "等待补正（3 家）").rows
    assert [row[0][-1] for row in rows] == ["2", "3", "1"]
    assert [row[2] for row in rows] == ["4 天", "3 天", "0 天"]
    assert [row[4] for row in rows] == ["请电话提醒（010-62150002、13800000002）。", "请设法提醒。", "—"]
    assert rows[0][3] == "1. 缺通讯地址。\n2. 缺手机。"


@pytest.mark.parametrize(("day", "words"), [(date(2024, 9, 15), "—"), (date(2024, 9, 16), "请电话提醒"), (date(2024, 9, 19), "已过截止日期")])
def test_near_the_end_a_call_is_advised_at_once(day, words):
    register = [register_line(1, status="correction", updated_at=at(day.day, 9))]
    assert section(compose(facts(register=register, day=day)), "等待补正").rows[0][4].startswith(words)


def test_what_was_inferred_or_noteworthy_is_to_be_checked_and_trifles_are_only_counted():
    noteworthy = (problem("form.recommendation_needed", "须由知识产权局推荐。", "warning"), problem("subject.form", "写法。", "note"))
    mails = [
        mail_line(1, checks=("推断为行业协会",), problems=noteworthy),
        mail_line(2, problems=(problem("form.introduction_length", "字数。", "note"),)),
        mail_line(3),
    ]
    checked = section(compose(facts(mails)), "请核对（1 件）")
    assert checked.rows == (("ZLCP-2024-0001", unit(1), "推断为行业协会\n须由知识产权局推荐。"),)
    assert "另有 2 封" in checked.lines[0]


def test_a_hint_of_several_mails_of_one_application_is_listed_once_for_it():
    hint = problem("form.recommendation_needed", "须由知识产权局推荐。", "warning")
    mails = [mail_line(1, problems=(hint,)), mail_line(9, problems=(hint,)), mail_line(10, number=mail_line(1).number, version=2, problems=(hint,))]
    checked = section(compose(facts(mails)), "请核对（2 件）")
    assert [(row[0][-4:], row[2]) for row in checked.rows] == [("0001", "须由知识产权局推荐。"), ("0009", "须由知识产权局推荐。")]


def test_a_hint_that_only_an_earlier_version_gave_is_not_lost_and_says_which():
    again = {"number": mail_line(1).number, "unit_name": unit(1)}
    mails = [
        mail_line(1, checks=("推断为行业协会", "附件未看")),
        mail_line(11, **again, version=2, checks=("推断为行业协会", "电话不同")),
        mail_line(12, **again, version=3, checks=("电话不同", "地址不同")),
    ]
    (row,) = section(compose(facts(mails)), "请核对（1 件）").rows
    assert row[1:] == (unit(1), "电话不同\n地址不同\n推断为行业协会（见第 2 版）\n附件未看（见第 1 版）")


def test_an_earlier_digest_mail_and_one_of_today_are_one_row_too():
    hint = problem("form.recommendation_needed", "须由知识产权局推荐。", "warning")
    update = mail_line(10, number=mail_line(1).number, unit_name=unit(1), version=2, problems=(hint,))
    digest = compose(facts([update], carried=(mail_line(1, received_at=at(9, 18), problems=(hint,)),)))
    assert section(digest, "请核对（1 件）").rows == (("ZLCP-2024-0001", unit(1), "须由知识产权局推荐。"),)


def test_hints_of_mails_without_a_number_stay_apart():
    late = {"decision": "late", "answer": "late", "number": "", "checks": ("推断为行业协会",)}
    assert [row[1] for row in section(compose(facts([mail_line(1, **late), mail_line(2, **late)])), "请核对（2 件）").rows] == [unit(1), unit(2)]


def test_what_the_applicant_was_asked_to_correct_is_not_for_the_staff_to_check():
    corrected = mail_line(9, number="ZLCP-2024-0009", decision="correction", answer="correction", problems=(problem(),))
    assert section(compose(facts([corrected])), "请核对").rows == ()


def test_a_failed_update_says_that_the_valid_version_stands():
    (row,) = section(compose(facts([mail_line(1, decision="correction", answer="correction", version=2, problems=(problem(),))])), "请核对").rows
    assert "此前有效版本（第 1 版）仍然有效" in row[2]


def test_mails_that_earlier_digests_left_out_are_shown_apart_and_not_counted():
    digest = compose(facts([mail_line(1)], carried=(mail_line(2, received_at=at(9, 18)), mail_line(3, **INQUIRY, received_at=at(9, 19)))))
    apart = section(digest, "此前收到、此前日报未列")
    assert digest.subject.endswith("（收1 受理1 补正0 待人工1）")
    assert apart.lines == ("共 2 封（受理 1，咨询 1），不计入当日收件数。",)
    assert [row[2:] for row in apart.rows] == [("9月9日 18:00", "受理"), ("9月9日 19:00", "咨询")]


def test_every_mail_met_with_silence_has_a_line_so_that_a_person_mistaken_for_a_machine_is_found():
    carried = mail_line(3, **AUTOMATIC | {"automatic": "list"}, subject="会议通知", received_at=at(9, 20))
    digest = compose(facts([mail_line(1, **AUTOMATIC, subject="自动回复：您好"), mail_line(2, repeats=True, decision="none", answer="")], carried=(carried,)))
    rows = section(digest, "自动邮件和重复来信（3 封）").rows
    assert [(row[2], row[3]) for row in rows] == [
        ("会议通知", "群发邮件"),
        ("自动回复：您好", "自动回复"),
        (notice().correct_subject(unit(2)), "与 ZLCP-2024-0002 重复"),
    ]


def test_paper_copies_are_counted_honestly():
    assert "已受理的 3 家" in section(compose(facts()), "纸质版").lines[0]
    assert "尚无已受理的单位" in section(compose(facts(register=())), "纸质版").lines[0]


def test_a_call_without_paper_copies_speaks_of_none():
    assert "纸质" not in "".join(each.title for each in compose(facts(notice=replace(notice(), paper=""))).sections)


def test_how_the_daemon_is_doing_is_said():
    figures = totals_of((), 5, states={"taken_in": 3, "kept": 1, "set_aside": 1}, replies={"sent": 3, "due": 2, "failed": 1})
    rows = dict(section(compose(facts(totals=figures, health=Health(5, at(10, 17, 29)))), "系统运行情况").rows)
    assert rows["最近来信"] == "9月10日 16:00"
    assert rows["邮箱与登记"] == "已登记 5 封，邮箱现有 5 封"
    assert rows["处理"] == "待处理 1 封，未能读取 1 封"
    assert rows["发信"] == "已发 3 封，待发 2 封，未能送达 1 封"
    assert rows["连接"] == "正常"


def test_where_the_mailbox_was_not_asked_nothing_is_claimed_of_it():
    rows = dict(section(compose(facts(health=Health(), last_mail_at=None)), "系统运行情况").rows)
    assert (rows["最近来信"], rows["最近检查邮箱"]) == ("尚无来信", "（生成本报时未连接邮箱）")
    assert "邮箱现有" not in rows["邮箱与登记"]


def test_a_mail_that_still_waits_is_told_of_again_tomorrow():
    assert compose(facts([mail_line(1), mail_line(2, **NOT_TAKEN_IN, state="kept"), mail_line(3, **NOT_TAKEN_IN, state="set_aside")])).settled == (1, 3)


def test_a_long_table_is_cut_and_says_so_but_never_the_one_that_asks_for_action():
    digest = compose(
        facts(
            [mail_line(number, decision="late", answer="late") for number in range(1, MOST_ROWS + 100)],
            carried=tuple(mail_line(n) for n in range(1000, 1000 + MOST_ROWS + 1)),
        )
    )
    assert len(section(digest, "需要人工处理").rows) == MOST_ROWS + 99
    apart = section(digest, "此前收到")
    assert len(apart.rows) == MOST_ROWS
    assert f"共 {MOST_ROWS + 1} 行" in apart.lines[-1]


def test_times_of_another_year_say_so():
    assert compose(facts([mail_line(1, **INQUIRY, received_at=at(10, 9) - timedelta(days=365))])).matters[0].reasons[0].startswith("2023年9月11日 09:00")


def test_a_hostile_name_stays_one_short_line():
    hostile = "中国\n\u202e协会" + "长" * 5000
    digest = compose(
        facts(
            [mail_line(1, unit_name=hostile, decision="late", answer="late")],
            register=[register_line(1, unit_name=hostile, status="correction", form=form_of(1, contact_phone="1\n" * 900))],
        )
    )
    cells = [cell for each in digest.sections for row in each.rows for cell in row]
    assert max(len(cell) for cell in cells) < 500
    assert not any("\u202e" in cell for cell in cells)
