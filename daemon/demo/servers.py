"""An IMAP server (pymap) and an SMTP server (aiosmtpd) inside this process, on free loopback ports, in memory. For the demo only."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiosmtpd.smtp import SMTP, Envelope, Session
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage

HOST, PASSWORD = "127.0.0.1", "demo"


@dataclass(slots=True)
class DemoServers:
    """The running servers: what is sent to `address` appears in its INBOX, everything else in `delivered`."""

    address: str
    now: Callable[[], datetime]
    imap_port: int = 0
    smtp_port: int = 0
    delivered: list[tuple[list[str], bytes]] = field(default_factory=list)
    backend: DictBackend | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one mail: into our mailbox, or to the applicants."""
        del server, session
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        if self.address in envelope.rcpt_tos:
            await self._append(b"Return-Path: <" + (envelope.mail_from or "").encode() + b">\r\n" + raw)
        else:
            self.delivered.append((list(envelope.rcpt_tos), raw))
        return "250 OK"

    async def _append(self, raw: bytes) -> None:
        assert self.backend is not None  # noqa: S101 - set before the servers listen
        async with self.backend.login.demo_user_identity.new_session() as session:
            mailbox = await session.mailbox_set.get_mailbox("INBOX")
            await mailbox.append(AppendMessage(raw, self.now(), frozenset()), recent=True)


@contextmanager
def demo_servers(address: str, now: Callable[[], datetime]) -> Iterator[DemoServers]:
    """Run both servers in a thread of their own until the block ends.

    Args:
        address: the mailbox's address and its login name; the password is PASSWORD.
        now: gives a mail its INTERNALDATE.
    """
    servers = DemoServers(address, now)
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(servers, ready, stop)), name="demo-servers", daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield servers
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


async def _serve(servers: DemoServers, ready: threading.Event, stop: asyncio.Event) -> None:
    options = Namespace(
        demo_data=False, demo_user=servers.address, demo_password=PASSWORD, host=[HOST], port="0", tls=False, cert=None, key=None,
        passlib_cfg=None, inherited_sockets=None, proxy_protocol=None, debug=False, logging_cfg=None,
    )  # fmt: skip
    servers.backend, config = await DictBackend.init(options, invalid_user_sleep=0.0)
    config.apply_context()
    serve = IMAPServer(servers.backend.login, config)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await serve(reader, writer, SocketInfoLocal(writer))

    async with AsyncExitStack() as stack:
        await servers.backend.start(stack)
        imap = await stack.enter_async_context(await asyncio.start_server(accept, HOST, 0))
        smtp = await stack.enter_async_context(
            await asyncio.get_running_loop().create_server(lambda: SMTP(servers, hostname="demo", data_size_limit=2**27), HOST, 0)
        )
        servers.imap_port, servers.smtp_port = imap.sockets[0].getsockname()[1], smtp.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
    # What is left of the last connections ends before its loop does.
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
