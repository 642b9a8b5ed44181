"""A small IMAP server that behaves as badly as some real ones do: each peculiarity is a switch; tests/imap_profiles.py sets them as providers do."""

import re
import socketserver
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Manners:
    """How the server behaves. `mails`: UID -> bytes of INBOX, ascending; `commands`: what clients sent, without their tags."""

    mails: Mapping[int, bytes] = field(default_factory=dict)
    others: dict[str, dict[int, bytes]] = field(default_factory=dict)  # further folders, by their names on the wire
    capabilities: str = "IMAP4rev1 ID"
    greeting: str = "* OK ready"
    login: str = "OK done"
    password: str = ""  # the only one that is let in; "" for any
    login_refusal: str = "NO authentication failed"
    idle: str = "+ idling"
    half_push: bytes = b""  # said in IDLE, once, without the end of the line
    id_answer: str = "OK done"
    wants_id: bool = False  # 163, Coremail
    select: str = "OK [READ-WRITE] done"
    uidvalidity: int = 7
    extras: tuple[str, ...] = ()  # what SELECT says besides
    late_by: int = 0  # how many SELECTs a new mail is kept back (QQ): see `deliver`
    search_range: str = "works"  # works | empty | refused
    search_all: str = "works"  # works | empty | split
    search_charset: str = "OK done"  # the answer where a CHARSET is named
    search_text: str = "works"  # works | refused | deaf (finds all, whatever is asked for) | empty
    ascending_only: bool = False  # QQ: a set of UIDs that does not ascend is BAD
    withheld: set[int] = field(default_factory=set)
    refuses_batches: bool = False
    date: str = "10-Sep-2024 09:12:33 +0800"
    hollow: set[int] = field(default_factory=set)  # handed out without their bytes
    mute: set[int] = field(default_factory=set)  # listed, but no FETCH says a word of them
    counts: bool = True  # whether SELECT says how many mails there are
    size_error: int = 0  # what RFC822.SIZE is wrong by (Exchange)
    courtesy: str = "OK done"  # the answer to STORE
    lists: bool = True  # whether LIST knows the folder
    silent: bool = False  # never a word after the greeting
    silent_at: str = ""  # nor at this command: a half-open connection
    breaks_at: str = ""  # a command at which the connection is cut
    bye_at: str = ""  # a command that is answered with BYE, once
    cut_after: int = -1  # bytes of bodies after which the connection is cut, each time anew; -1 for never
    deadly: set[int] = field(default_factory=set)  # the connection is cut when their bodies are asked for
    instead: dict[int, bytes] = field(default_factory=dict)  # what is said instead of the n-th line
    said: int = 0
    commands: list[str] = field(default_factory=list)
    port: int = 0
    vanishing: dict[str, int] = field(default_factory=dict)  # at this command, once, somebody deletes or moves away the mail with this UID
    kept_back: list[list] = field(default_factory=list)  # [SELECTs to come, UID, bytes]

    def deliver(self, raw: bytes) -> int:
        """A mail arrives in INBOX; it is shown at once, or `late_by` SELECTs later."""
        uid = max([*self.mails, *(each[1] for each in self.kept_back)], default=0) + 1
        self.kept_back.append([self.late_by, uid, raw])
        if not self.late_by:
            self.show_late()
        return uid

    def show_late(self) -> None:
        """What was kept back long enough comes into the folder."""
        for each in self.kept_back:
            each[0] -= 1
        for _, uid, raw in [each for each in self.kept_back if each[0] < 0]:
            self.mails[uid] = raw
        self.kept_back = [each for each in self.kept_back if each[0] >= 0]

    def asked(self, verb: str) -> list[str]:
        """The commands that begin with these words."""
        return [command for command in self.commands if command.upper().startswith(verb)]


class _CutError(Exception):
    """The connection ends here, without a word."""


class _Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.identified = False
        self.mails: Mapping[int, bytes] = {}
        self.uids: list[int] = []  # as the last SELECT showed the folder
        self.sent = 0
        with suppress(_CutError, ConnectionError):
            self.serve()

    def serve(self) -> None:
        manners = self.server.manners
        self.say(manners.greeting)
        for line in self.rfile:
            tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
            manners.commands.append(command)
            verb, words = command.split(" ")[0].upper(), command.upper()
            if manners.breaks_at and words.startswith(manners.breaks_at):
                return
            if manners.bye_at and words.startswith(manners.bye_at):
                manners.bye_at = ""
                self.say("* BYE the server is shutting down")
                return
            for start in [start for start in manners.vanishing if words.startswith(start)]:
                manners.mails.pop(manners.vanishing.pop(start), None)
            if manners.silent or (manners.silent_at and words.startswith(manners.silent_at)):
                continue
            answer = getattr(self, f"do_{verb.lower()}", lambda _: "OK done")(command)
            if answer:
                self.say(f"{tag} {answer}")
            if verb == "LOGOUT":
                return

    def say(self, text: str) -> None:
        manners = self.server.manners
        self.wfile.write(manners.instead.get(manners.said, text.encode()) + b"\r\n")
        manners.said += 1

    def do_capability(self, _: str) -> str:
        self.say(f"* CAPABILITY {self.server.manners.capabilities}")
        return "OK done"

    def do_login(self, command: str) -> str:
        manners = self.server.manners
        return manners.login if not manners.password or command.endswith(f'"{manners.password}"') else manners.login_refusal

    def do_id(self, _: str) -> str:
        self.identified = True
        self.say("* ID NIL")
        return self.server.manners.id_answer

    def do_list(self, command: str) -> str:
        manners = self.server.manners
        if manners.lists:
            wanted = command.partition(" ")[2].partition(" ")[2].strip('"')
            for name in ["INBOX", *manners.others]:
                if wanted in {name, "*"} or not manners.others:
                    self.say(f'* LIST () "/" "{name}"')
        return "OK done"

    def do_select(self, command: str) -> str:
        manners = self.server.manners
        name = command.partition(" ")[2].strip('"')
        if manners.wants_id and not self.identified:
            return "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
        if not manners.select.startswith("OK"):
            return manners.select
        if manners.others and name not in {"INBOX", *manners.others}:
            return "NO no such folder"
        manners.show_late()
        self.mails = manners.others.get(name, manners.mails)
        self.uids = list(self.mails)
        if manners.counts:
            self.say(f"* {len(self.uids)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {manners.uidvalidity}] ok")
        for extra in manners.extras:
            self.say(extra)
        return manners.select

    do_examine = do_select

    def do_logout(self, _: str) -> str:
        self.say("* BYE")
        return "OK done"

    def do_idle(self, _: str) -> str:
        if " IDLE" not in self.server.manners.capabilities:
            return "BAD unknown command"
        self.say(self.server.manners.idle)
        if self.server.manners.idle.startswith("+"):
            if self.server.manners.half_push:
                time.sleep(0.2)  # not in one packet with the line before it
                self.wfile.write(self.server.manners.half_push)
                self.server.manners.half_push = b""
            self.rfile.readline()
        return "OK done"

    def do_uid(self, command: str) -> str:
        match command.upper().split()[1]:
            case "SEARCH":
                return self.search(command)
            case "FETCH":
                return self.fetch(command, by_uid=True)
            case "STORE":
                return self.server.manners.courtesy
            case "MOVE" if " MOVE" in self.server.manners.capabilities:
                return self.move(command)
            case _:
                return "BAD unknown"

    def do_fetch(self, command: str) -> str:
        return self.fetch(command, by_uid=False)

    def shown(self) -> list[int]:
        """The UIDs that this session knows of and that are still there."""
        mails = self.current()
        return [uid for uid in self.uids if uid in mails]

    def current(self) -> Mapping[int, bytes]:
        others = self.server.manners.others.values()
        return self.mails if any(self.mails is each for each in others) else self.server.manners.mails

    def search(self, command: str) -> str:
        manners, words = self.server.manners, command.upper()
        if "CHARSET" in words:
            self.say("* SEARCH")
            return manners.search_charset
        if re.search(r"SUBJECT|FROM|TEXT|[()]", words):
            return self.text_search(words)
        how = manners.search_all if words.endswith("ALL") else manners.search_range
        if how == "refused":
            return "BAD syntax"
        uids = self.shown()
        if ":" in command and how == "works":  # n:* always has the last one
            low = int(re.search(r"(\d+):\*", command)[1])
            uids = uids[bisect_left(uids, low) :] or uids[-1:]
        if how == "split":
            for uid in uids:
                self.say(f"* SEARCH {uid}")
        else:
            self.say("* SEARCH " + " ".join(map(str, uids)) if how == "works" else "* SEARCH")
        return "OK done"

    def text_search(self, words: str) -> str:
        how = self.server.manners.search_text
        if how == "refused" or (how == "deaf" and " TEXT " in words):
            return "BAD syntax"
        self.say("* SEARCH " + " ".join(map(str, self.shown())) if how == "deaf" else "* SEARCH")
        return "OK done"

    def fetch(self, command: str, *, by_uid: bool) -> str:
        manners, mails = self.server.manners, self.current()
        wanted = [int(number) for number in re.search(r"FETCH ([\d,]+) ", command)[1].split(",")]
        if manners.ascending_only and wanted != sorted(wanted):
            return "BAD sequence set"
        body = "BODY" in command
        if body and (manners.withheld & set(wanted)) and (manners.refuses_batches or len(wanted) == 1):
            return "NO some messages could not be fetched"
        for each in wanted:
            uid = each if by_uid else next(iter(self.uids[each - 1 : each]), 0)
            place = bisect_left(self.uids, uid)
            if uid in mails and self.uids[place : place + 1] == [uid] and uid not in manners.mute and not (body and uid in manners.withheld):
                self.show(place + 1, uid, mails[uid], body=body)
        return "OK done"

    def show(self, number: int, uid: int, raw: bytes, *, body: bool) -> None:
        manners = self.server.manners
        head = f'* {number} FETCH (UID {uid} RFC822.SIZE {max(len(raw) + manners.size_error, 0)} INTERNALDATE "{manners.date}"'
        if body and uid in manners.deadly:
            raise _CutError
        if body and uid in manners.hollow:
            self.say(f'{head} BODY[] "")')
        elif body:
            left = len(raw) if manners.cut_after < 0 else manners.cut_after - self.sent
            self.wfile.write(f"{head} BODY[] {{{len(raw)}}}\r\n".encode() + raw[: max(left, 0)])
            if left < len(raw):
                raise _CutError
            self.sent += len(raw)
            self.wfile.write(b")\r\n")
        else:
            self.say(f"{head})")

    def move(self, command: str) -> str:
        _, _, uids, name = command.split(" ", 3)
        target = self.server.manners.others.get(name.strip('"'))
        if target is None:
            return "NO [TRYCREATE] no such folder"
        for uid in [int(each) for each in uids.split(",") if int(each) in self.current()]:
            target[max(target, default=0) + 1] = self.current().pop(uid)
            self.say(f"* {bisect_left(self.uids, uid) + 1} EXPUNGE")
            self.uids.remove(uid)
        return "OK done"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def imap_server(**manners: object) -> Iterator[Manners]:
    """A running server on loopback; change the yielded manners at any time."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.manners = Manners(port=server.server_address[1], **manners)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.manners
        finally:
            server.shutdown()
            thread.join()
