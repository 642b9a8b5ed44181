"""A small IMAP server that behaves as badly as some real ones do: each peculiarity is a switch."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Manners:
    """How the server behaves. `mails`: UID -> bytes; `commands`: what clients sent, without their tags."""

    mails: dict[int, bytes] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 ID"
    greeting: str = "* OK ready"
    login: str = "OK done"
    idle: str = "+ idling"
    id_answer: str = "OK done"
    wants_id: bool = False  # 163, Coremail
    select: str = "OK [READ-WRITE] done"
    search_range: str = "works"  # works | empty | refused
    search_all: str = "works"  # works | empty | split
    withheld: set[int] = field(default_factory=set)
    refuses_batches: bool = False
    date: str = "10-Sep-2024 09:12:33 +0800"
    hollow: set[int] = field(default_factory=set)  # handed out without their bytes
    mute: set[int] = field(default_factory=set)  # listed, but no FETCH says a word of them
    counts: bool = True  # whether SELECT says how many mails there are
    courtesy: str = "OK done"  # the answer to STORE
    lists: bool = True  # whether LIST knows the folder
    silent: bool = False  # never a word after the greeting
    breaks_at: str = ""  # a command at which the connection is cut
    instead: dict[int, bytes] = field(default_factory=dict)  # what is said instead of the n-th line
    said: int = 0
    commands: list[str] = field(default_factory=list)
    port: int = 0


class _Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.identified = False
        manners = self.server.manners
        self.say(manners.greeting)
        for line in self.rfile:
            tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
            manners.commands.append(command)
            verb = command.split(" ")[0].upper()
            if manners.breaks_at and command.upper().startswith(manners.breaks_at):
                return
            if manners.silent:
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

    def do_login(self, _: str) -> str:
        return self.server.manners.login

    def do_id(self, _: str) -> str:
        self.identified = True
        self.say("* ID NIL")
        return self.server.manners.id_answer

    def do_list(self, _: str) -> str:
        if self.server.manners.lists:
            self.say('* LIST () "/" "INBOX"')
        return "OK done"

    def do_select(self, command: str) -> str:
        manners = self.server.manners
        if manners.wants_id and not self.identified:
            return "NO SELECT Unsafe Login. Please contact kefu@188.com for help"
        if not manners.select.startswith("OK"):
            return manners.select
        if manners.counts:
            self.say(f"* {len(manners.mails)} EXISTS")
        self.say("* OK [UIDVALIDITY 7] ok")
        return manners.select

    do_examine = do_select

    def do_logout(self, _: str) -> str:
        self.say("* BYE")
        return "OK done"

    def do_idle(self, _: str) -> str:
        self.say(self.server.manners.idle)
        if self.server.manners.idle.startswith("+"):
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
            case _:
                return "BAD unknown"

    def do_fetch(self, command: str) -> str:
        return self.fetch(command, by_uid=False)

    def search(self, command: str) -> str:
        manners = self.server.manners
        how = manners.search_all if command.upper().endswith("ALL") else manners.search_range
        if how == "refused":
            return "BAD syntax"
        uids = [str(uid) for uid in manners.mails]
        if ":" in command and how == "works":  # n:* always has the last one
            low = int(re.search(r"(\d+):\*", command)[1])
            uids = [uid for uid in uids if int(uid) >= low] or uids[-1:]
        if how == "split":
            for uid in uids:
                self.say(f"* SEARCH {uid}")
        else:
            self.say("* SEARCH " + " ".join(uids) if how == "works" else "* SEARCH")
        return "OK done"

    def fetch(self, command: str, *, by_uid: bool) -> str:
        manners = self.server.manners
        wanted = [int(number) for number in re.search(r"FETCH ([\d,]+) ", command)[1].split(",")]
        body = "BODY" in command
        if body and (manners.withheld & set(wanted)) and (manners.refuses_batches or len(wanted) == 1):
            return "NO some messages could not be fetched"
        for number, (uid, raw) in enumerate(manners.mails.items(), 1):
            if (uid if by_uid else number) in wanted and uid not in manners.mute and not (body and uid in manners.withheld):
                head = f'* {number} FETCH (UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{manners.date}"'
                if body and uid in manners.hollow:
                    self.say(f'{head} BODY[] "")')
                elif body:
                    self.wfile.write(f"{head} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
                else:
                    self.say(f"{head})")
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
