"""Mail (邮件收发): letters out over SMTP or as drafts, replies in from IMAP, folders and Outlook's files."""
