"""Doctor of the mail account (邮箱体检): is the password there, do the servers let us in; nothing is sent or fetched."""

from __future__ import annotations

from pathlib import Path

from jixiao_xl.files.mail.fetch import try_imap
from jixiao_xl.files.mail.password import mail_password
from jixiao_xl.files.mail.send import try_smtp
from jixiao_xl.model import texts_mail
from jixiao_xl.model.errors import JixiaoError, MailError
from jixiao_xl.model.settings import SETTINGS_FILE
from jixiao_xl.workspace import Workspace, open_workspace


def mail_lines(workspace: Workspace) -> tuple[list[str], bool]:
    """The lines to show about the account in jixiao.toml, and whether all of it works; without one all is well."""
    mail = workspace.settings.mail
    if mail is None:
        return [texts_mail.DOCTOR_MAIL_NONE], True
    try:
        password = mail_password(mail)
    except MailError as error:
        return [str(error)], False
    lines, works = [texts_mail.DOCTOR_MAIL_PASSWORD.format(login=mail.login)], True
    if mail.imap is None:
        lines.append(texts_mail.DOCTOR_MAIL_NO_IMAP)
    trials = [(mail.smtp, try_smtp, texts_mail.DOCTOR_MAIL_SMTP), (mail.imap, try_imap, texts_mail.DOCTOR_MAIL_IMAP)]
    for server, trial, success in trials:
        if server is None:
            continue
        try:
            trial(mail, password, workspace.path)
            lines.append(success.format(host=server.host, port=server.port))
        except MailError as error:
            lines.append(str(error))
            works = False
    return lines, works


def mail_lines_in(folder: Path) -> tuple[list[str], bool]:
    """The same for a folder: nothing to say where it is no workspace, the complaint where its jixiao.toml is wrong."""
    if not (folder / SETTINGS_FILE).is_file():
        return [], True
    try:
        return mail_lines(open_workspace(folder))
    except JixiaoError as error:
        return [str(error)], False
