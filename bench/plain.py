"""The same mails in the plainest way: imapclient, the standard library's e-mail parser, python-docx, one commit each, smtplib. No judging, no letter.

Run by bench/intake.py as a process of its own: python -m bench.plain IMAP_PORT SMTP_PORT USER PASSWORD DATABASE
"""

import io
import smtplib
import sqlite3
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage

import docx
from imapclient import IMAPClient


def main() -> None:
    imap_port, smtp_port, user, password, database = sys.argv[1:]
    box = IMAPClient("127.0.0.1", int(imap_port), ssl=False)
    box.login(user, password)
    box.select_folder("INBOX", readonly=True)
    register = sqlite3.connect(database, isolation_level=None)
    register.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE mails (uid, sender, form)")
    out = smtplib.SMTP("127.0.0.1", int(smtp_port))
    for uid in box.search(["ALL"]):
        raw = box.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
        message = message_from_bytes(raw, policy=policy.default)
        forms = [part.get_content() for part in message.iter_attachments() if part.get_filename("").endswith(".docx")]
        cells = [cell.text for form in forms for table in docx.Document(io.BytesIO(form)).tables for row in table.rows for cell in row.cells]
        register.execute("INSERT INTO mails VALUES (?, ?, ?)", (uid, message["From"], "\n".join(cells)))
        answer = EmailMessage()
        answer["Subject"], answer["From"], answer["To"] = "收悉", user, message["From"].addresses[0].addr_spec
        answer.set_content("贵单位的申报表收悉。")
        out.sendmail(user, [answer["To"]], answer.as_bytes())
    out.quit()
    box.logout()


if __name__ == "__main__":
    main()
