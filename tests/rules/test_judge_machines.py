"""Machines' mails as the judge sees them: what still is an application, and to which one a bounce belongs."""

import pytest

from rules.judge import clues_of
from rules.problems import Decision, Kind
from rules.submission import Status
from tests.rules.examples import SENDER, codes, known, letter, other_word, real_notice, scan, submission, unread, verdict, word

BULK = (("list-unsubscribe", "<mailto:a@b.example>"),)
REPORT = f"Final-Recipient: rfc822; {SENDER}\nAction: failed\nStatus: 5.1.1"
CHECK = (f"发往{SENDER}的邮件未能送达",)


def bounce(line="Undelivered Mail Returned to Sender", report=REPORT, standing=None, **more):
    return verdict(line=line, text="", standing=standing, sender="mailer-daemon@mx.example", content_type="multipart/report", report=report, **more)


@pytest.mark.parametrize("headers", [BULK, (("precedence", "bulk"),), (("auto-submitted", "auto-generated"),)])
@pytest.mark.parametrize(
    ("file", "found"),
    [(word(), []), (unread(status=Status.ENCRYPTED), ["attachment.encrypted"]), (unread(), ["attachment.corrupt"])],
)
def test_a_form_that_a_gateway_sent_is_recorded_and_not_answered(file, found, headers):
    judged = verdict(file, headers=headers)
    assert (judged.kind, codes(judged), judged.answer) == (Kind.APPLICATION, found, None)


@pytest.mark.parametrize("file", [other_word("周刊.docx"), unread("周刊.docx", Status.ENCRYPTED), scan("周刊.pdf")])
def test_a_newsletter_with_a_word_file_is_still_a_newsletter(file):
    judged = verdict(file, line="每周资讯", text="本周要闻", headers=BULK)
    assert (judged.kind, judged.automatic) == (Kind.AUTOMATIC, "list")


@pytest.mark.parametrize("how", ["references", "number", "recipient"])
def test_a_bounce_is_shown_with_its_application(how):
    judged = bounce(standing=known(how))
    assert (judged.automatic, judged.decision, judged.answer, judged.version) == ("bounce", Decision.NONE, None, 0)
    assert (judged.application, judged.known_as, judged.checks) == (7, "ZLCP-2024-0003", CHECK)


def test_a_bounce_is_not_tied_by_a_name_alone():
    assert bounce(standing=known(), report="").application is None
    assert bounce(standing=known(addresses=frozenset({"else@x.example"}))).application is None
    assert bounce(standing=known()).application == 7


def test_a_bounce_that_belongs_to_nothing_names_whom_it_did_not_reach():
    judged = bounce()
    assert (judged.application, judged.known_as, judged.checks) == (None, "", CHECK)
    assert bounce(report="").checks == ()


def test_no_other_machine_is_tied():
    assert verdict(line="自动回复: 受理回执（ZLCP-2024-0003）", standing=known("number")).application is None


def test_a_bounce_is_looked_up_by_whom_it_names_and_by_what_it_returns():
    mail = letter("系统退信", "邮件主题：受理回执（ZLCP-2024-0003）", "postmaster@x.example", content_type="multipart/report", report=REPORT)
    assert (clues_of(submission(mail=mail), real_notice()).numbers, clues_of(submission(mail=mail), real_notice()).recipients) == (
        ("ZLCP-2024-0003",),
        (SENDER,),
    )
    returned = letter("系统退信", "", "postmaster@x.example", content_type="multipart/report")
    assert clues_of(submission(other_word("受理回执（ZLCP-2024-0003）.eml"), mail=returned), real_notice()).numbers == ("ZLCP-2024-0003",)
    digest = letter("系统退信", "ZLCP-2024-0003 ZLCP-2024-0004", "postmaster@x.example", content_type="multipart/report")
    assert clues_of(submission(mail=digest), real_notice()).numbers == ()


def test_the_text_of_a_person_is_not_searched_for_numbers():
    assert clues_of(submission(mail=letter("你好", "ZLCP-2024-0003")), real_notice()).numbers == ()
