"""E-mail to staff, through the district's own server and nowhere else; off until a server is named.

One connection a message, encrypted unless the district says otherwise, and never a word of the server's
answer in an error or a log: it often repeats the address.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from ews.errors import UsageError
from ews.settings import Settings

ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,253}")
REFUSED, REFUSED_ADDRESS, SILENT, NOT_ENCRYPTED, NOT_ALLOWED, NO_ADDRESS = (
    "the server refused the message",
    "the server refused the address",
    "the server did not answer",
    "the server does not encrypt",
    "the server refused the sign-in",
    "no usable address on record",
)
FOR_ALL = (SILENT, NOT_ENCRYPTED, NOT_ALLOWED)
"""Problems of the server and not of one person: nobody else need be tried after one."""


class NotSent(Exception):
    """A message that did not go. ``problem`` is one of the sentences above."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class PostOffice:
    """The district's mail server, and the sender that its messages carry."""

    host: str
    port: int
    starttls: bool
    user: str
    password: str
    sender: str
    seconds: int

    def send(self, message: EmailMessage) -> None:
        """Hand ``message`` over; NotSent when the server did not take it."""
        try:
            with smtplib.SMTP(self.host, self.port, timeout=self.seconds) as server:
                self._begin(server)
                server.send_message(message)
        except NotSent:
            raise
        except smtplib.SMTPRecipientsRefused:
            raise NotSent(REFUSED_ADDRESS) from None
        except smtplib.SMTPNotSupportedError:
            raise NotSent(NOT_ENCRYPTED) from None
        except smtplib.SMTPAuthenticationError:
            raise NotSent(NOT_ALLOWED) from None
        except smtplib.SMTPServerDisconnected:
            raise NotSent(SILENT) from None
        except smtplib.SMTPException:
            raise NotSent(REFUSED) from None
        except OSError:
            raise NotSent(SILENT) from None

    def _begin(self, server: smtplib.SMTP) -> None:
        if self.starttls:
            try:
                server.starttls(context=ssl.create_default_context())
            except ssl.SSLError:
                raise NotSent(NOT_ENCRYPTED) from None
        if self.user:
            server.login(self.user, self.password)


def post_office(settings: Settings) -> PostOffice:
    """The server of the settings; UsageError says what is missing."""
    for name in ("mail.host", "mail.sender"):
        if not settings[name]:
            raise UsageError(
                f"{name} is not set, so no e-mail leaves.", "Name the district's server in ews.toml."
            )
    if not ADDRESS.fullmatch(settings["mail.sender"]):
        raise UsageError("mail.sender is no e-mail address.", "Write it as support@district.example.")
    return PostOffice(
        host=settings["mail.host"],
        port=settings["mail.port"],
        starttls=settings["mail.starttls"],
        user=settings["mail.user"],
        password=settings.mail_password,
        sender=settings["mail.sender"],
        seconds=settings["mail.seconds"],
    )


def usable(address: str | None) -> bool:
    """Whether an address of the roster can be written to."""
    return bool(address and ADDRESS.fullmatch(address))
