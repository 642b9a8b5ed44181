"""A mail server that takes everything and counts it, as a process of its own so that it costs the measured one nothing: python -m bench.sink FILE

Prints its port, then nothing; FILE gets one line with the Message-ID and the receiver of each mail.
"""

import asyncio
import sys
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Sink:
    """aiosmtpd's handler."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)

    async def handle_DATA(self, server, session, envelope):  # noqa: ANN001, ANN201, ARG002, N802 - aiosmtpd's signature
        message = BytesHeaderParser().parsebytes(envelope.content)
        self._file.write(f"{message['Message-ID']} {','.join(envelope.rcpt_tos)}\n")
        return "250 OK"


async def main() -> None:
    sink = Sink(Path(sys.argv[1]))
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(sink, hostname="sink"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
