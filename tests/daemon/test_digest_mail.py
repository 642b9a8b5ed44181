"""The digest set in type: one content as HTML and text, as a mail to the staff and as files."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import date
from email.header import decode_header
from html.parser import HTMLParser

import pytest

from daemon.digest_facts import Facts, Health
from daemon.digest_mail import digest_html, digest_text, write_digest, write_files
from daemon.digest_sections import Digest, compose
from tests.daemon.papers import AUTOMATIC, BEIJING, INQUIRY, at, mail_line, notice, problem, register_line, totals_of

SENDER = "中国专利保护协会 <zlcp@ppac.org.cn>"
WORKBOOK = b"PK\x03\x04 register"


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and the text a reader sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data):
        self.text += data


def busy(name: str = "中国示例协会") -> Digest:
    points = (problem(message="缺通讯地址。"), problem(message="缺手机。"))
    register = (register_line(1, unit_name=name), register_line(2, status="correction", problems=points, updated_at=at(5, 9)))
    mails = (
        mail_line(1, unit_name=name, checks=("推断为行业协会", "单位名称不一致")),
        mail_line(2, decision="correction", answer="correction", problems=points),
        mail_line(3, **INQUIRY),
        mail_line(4, **AUTOMATIC),
    )
    return compose(
        Facts(
            day=date(2024, 9, 10),
            zone=BEIJING,
            now=at(10, 17, 30),
            notice=notice(),
            mails=mails,
            carried=(mail_line(5, received_at=at(9, 20)),),
            register=register,
            totals=totals_of(register, 5),
            last_mail_at=at(10, 16),
            health=Health(5, at(10, 17, 29)),
        )
    )


def parsed(digest: Digest, recipients=("staff@example.cn",)):
    reply = write_digest(digest, WORKBOOK, notice(), SENDER, recipients, at(10, 17, 30))
    return reply, email.message_from_bytes(reply.mime, policy=email.policy.default)


def test_html_and_text_have_the_same_content():
    digest = busy()
    text, page = digest_text(digest), Page(digest_html(digest)).text
    for section in digest.sections:
        for words in (section.title, *section.lines):
            assert words in text
            assert words in page
        for row in section.rows:
            for line in "\n".join(row).split("\n"):
                assert line == "—" or line in text
                assert line in page


def test_the_page_can_be_read_aloud_and_without_styles():
    page = Page(digest_html(busy()))
    tags = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"]["lang"] == "zh-CN"
    assert all(attributes.get("scope") in {"row", "col"} for tag, attributes in page.tags if tag == "th")
    assert tags.count("h1") == 1
    assert tags.count("h2") == len(busy().sections)


def test_the_page_has_its_styles_inline_and_fetches_nothing():
    html = digest_html(busy())
    tags = {tag for tag, _ in Page(html).tags}
    assert not tags & {"style", "link", "script", "img", "a", "iframe"}
    assert "border" in next(attributes for tag, attributes in Page(html).tags if tag == "td")["style"]
    assert "http" not in html


def test_what_came_by_mail_is_no_markup():
    page = Page(digest_html(busy('<script>alert("x")</script>&amp;')))
    assert "script" not in [tag for tag, _ in page.tags]
    assert '<script>alert("x")</script>&amp;' in page.text


def test_the_text_is_not_escaped():
    assert "<协会> & 公司" in digest_text(busy("<协会> & 公司"))


def test_the_mail_bears_text_page_and_register():
    _, mail = parsed(busy())
    assert mail.get_content_type() == "multipart/mixed"
    body, workbook = mail.iter_parts()
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip() == digest_text(busy()).rstrip()
    assert workbook.get_content_type() == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert workbook.get_content() == WORKBOOK


def test_the_registers_name_is_written_for_both_kinds_of_mail_program():
    reply, mail = parsed(busy())
    assert mail.get_content_disposition() is None
    workbook = list(mail.iter_parts())[1]
    assert workbook.get_content_disposition() == "attachment"
    assert workbook.get_filename() == "申报台账20240910.xlsx"
    raw = email.message_from_bytes(reply.mime).get_payload()[1]
    assert "filename*=utf-8''%E7%94%B3" in raw["Content-Disposition"]
    encoded = re.search(r'name="(=\?utf-8\?b\?[^"]+)"', " ".join(raw["Content-Type"].split()))
    assert encoded is not None
    assert b"".join(part for part, _ in decode_header(encoded[1])).decode() == "申报台账20240910.xlsx"


def test_no_machine_answers_the_digest_and_ours_does_not_take_it_for_an_application():
    _, mail = parsed(busy())
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"], mail["X-ZLCP"]) == ("auto-generated", "All", "1")
    assert mail["Precedence"] is None


def test_headers_are_decoded_by_any_mail_program():
    reply, mail = parsed(busy(), ("staff@example.cn", "张示例 <zhang@example.cn>", '"Li, Example" <li@example.cn>'))
    assert mail["Subject"] == reply.subject == busy().subject
    assert [(one.display_name, one.addr_spec) for one in mail["From"].addresses] == [("中国专利保护协会", "zlcp@ppac.org.cn")]
    assert [one.addr_spec for one in mail["To"].addresses] == ["staff@example.cn", "zhang@example.cn", "li@example.cn"]
    assert [one.display_name for one in mail["To"].addresses] == ["", "张示例", "Li, Example"]
    assert reply.to == ("staff@example.cn", "zhang@example.cn", "li@example.cn")
    assert mail["Date"].datetime == at(10, 17, 30)
    assert mail["Date"].datetime.utcoffset() == at(10, 17, 30).utcoffset()


def test_the_mail_is_plain_ascii_with_short_lines():
    reply, _ = parsed(busy(), tuple(f"colleague{number}@department.example.cn" for number in range(60)))
    assert reply.mime.isascii()
    lines = reply.mime.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) < 998


def test_the_same_day_gives_the_same_mail_and_another_day_another_one():
    first, again = parsed(busy())[0], parsed(busy())[0]
    assert first == again
    assert (first.kind, first.message_id in first.mime.decode()) == ("digest", True)
    assert parsed(replace(busy(), day=date(2024, 9, 11)))[0].message_id != first.message_id


def test_a_busy_day_stays_a_mail_that_servers_take():
    mails = tuple(mail_line(number) for number in range(1, 501))
    register = tuple(register_line(number) for number in range(1, 501))
    digest = compose(rush(mails, register))
    assert len(digest_html(digest)) < 200_000


def rush(mails, register) -> Facts:
    return Facts(
        day=date(2024, 9, 10),
        zone=BEIJING,
        now=at(10, 17, 30),
        notice=notice(),
        mails=mails,
        carried=(),
        register=register,
        totals=totals_of(register, len(mails)),
    )


def test_the_files_are_those_that_were_promised(tmp_path):
    paths = write_files(busy(), WORKBOOK, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["digest.html", "digest.txt", "register.xlsx"]
    assert paths[0].read_text(encoding="utf-8") == digest_html(busy())
    assert paths[1].read_text(encoding="utf-8") == digest_text(busy())
    assert paths[2].read_bytes() == WORKBOOK


@pytest.mark.parametrize("make", [digest_text, digest_html])
def test_it_says_when_it_was_made_and_by_which_clock(make):
    assert "2024年9月10日 17:30（北京时间）" in make(busy())
