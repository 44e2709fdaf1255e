"""E-mail by SMTP. What goes out says that something is there to read, never what it says."""

import smtplib
import ssl
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import Protocol

from core.settings import Settings

_SECONDS = 20


@dataclass(frozen=True)
class Email:
    """`id` makes the Message-ID: sent twice by a process that died, it is the same message to whoever gets it."""

    id: str
    to: str
    subject: str
    text: str
    unsubscribe: str = ""
    """Address of the page on which one stops these messages (RFC 2369)."""


class MailAway(Exception):
    """The mail server cannot be reached or does not take it now; try again later."""


class Mailer(Protocol):
    def send(self, email: Email) -> None:
        """Hand it to the mail server. Raises MailAway."""
        ...


class Smtp:
    """A mail server to hand messages to, with STARTTLS unless the settings say that there is none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, email: Email) -> None:
        """Raises MailAway."""
        settings = self._settings
        try:
            with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_SECONDS) as server:
                if settings.smtp_tls:
                    server.starttls(context=ssl.create_default_context())
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
                server.send_message(self._message(email))
        except (smtplib.SMTPException, OSError) as error:
            # The type alone: a mail server's answer may quote the address.
            raise MailAway(type(error).__name__) from error

    def _message(self, email: Email) -> EmailMessage:
        sender = self._settings.email_from
        # Long enough for an address in a header, which programs could not read in pieces.
        message = EmailMessage(policy.SMTP.clone(max_line_length=900))
        message["From"] = f"{self._settings.authority_name} <{sender}>"
        message["To"] = email.to
        message["Subject"] = email.subject
        message["Message-ID"] = f"<{email.id}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if email.unsubscribe:
            message["List-Unsubscribe"] = f"<{email.unsubscribe}>"
        message.set_content(email.text)
        return message
