"""The mail password (邮箱密码): from the environment or the system's keyring, never from a file."""

from __future__ import annotations

import os
from typing import Final

import keyring
from keyring.errors import KeyringError, NoKeyringError
from pydantic import SecretStr

from jixiao_xl.model import texts_mail
from jixiao_xl.model.errors import MailError
from jixiao_xl.model.settings import Mail

VARIABLE: Final = "JIXIAO_MAIL_PASSWORD"
SERVICE: Final = "jixiao_xl"


def mail_password(mail: Mail) -> SecretStr:
    """The password or authorization code (授权码) of the account; white space at its ends is no part of it.

    Raises:
        MailError: neither the environment nor the keyring has it, or this machine has no keyring that works.
    """
    found = os.environ.get(VARIABLE, "").strip() or _from_keyring(mail.login)
    if not found:
        raise MailError(texts_mail.MAIL_PASSWORD_MISSING.format(login=mail.login))
    return SecretStr(found)


def _from_keyring(login: str) -> str:
    try:
        return (keyring.get_password(SERVICE, login) or "").strip()
    except NoKeyringError as error:
        raise MailError(texts_mail.MAIL_KEYRING_MISSING.format(login=login)) from error
    except (KeyringError, OSError, RuntimeError) as error:  # locked, refused, or its service is not running
        raise MailError(texts_mail.MAIL_NO_KEYRING.format(login=login, reason=type(error).__name__)) from error
