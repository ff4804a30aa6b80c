"""An SMTP server for tests, by aiosmtpd (Debian: python3-aiosmtpd): STARTTLS or TLS, AUTH, refusals by recipient.

Prints its port, then a line of JSON for each mail it took. Recipients whose name begins with
bounce are refused for good, busy for now, late only after the text, silent never answered.
"""
import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

parser = argparse.ArgumentParser()
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--implicit", action="store_true", help="TLS from the first byte")
parser.add_argument("--login", help="user:password that AUTH must give")
parser.add_argument("--port", type=int, default=0)
options = parser.parse_args()

tls = None
if options.certificate:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(options.certificate, options.key)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("bounce"):
            return "550 5.1.1 <%s>: no such mailbox" % address
        if address.startswith("busy"):
            return "451 4.7.1 greylisted, come back later"
        if address.startswith("silent"):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("late") for address in envelope.rcpt_tos):
            return "554 5.7.1 the text looks like spam"
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None or options.implicit,
            "user": session.auth_data,
            "data": envelope.original_content.decode(),
        }
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 Ok: queued as 4F1A"


def authenticate(server, session, envelope, mechanism, data):
    if isinstance(data, LoginPassword):
        login = data.login.decode() + ":" + data.password.decode()
        if login == options.login:
            return AuthResult(success=True, auth_data=data.login.decode())
    return AuthResult(success=False, handled=False)


def make():
    return SMTP(
        Handler(),
        hostname="mail.example.com",
        tls_context=None if options.implicit else tls,
        require_starttls=tls is not None and not options.implicit,
        authenticator=authenticate,
        auth_required=options.login is not None,
        auth_require_tls=tls is not None and not options.implicit,
        enable_SMTPUTF8=False,
    )


async def main():
    server = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", options.port, ssl=tls if options.implicit else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with the test, whose pipe this is.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
