"""Sentences for the operator about mail, register and packages (操作提示：邮件、台账、上报)."""

from typing import Final

# -- mail account ----------------------------------------------------------------------------------------------

MAIL_HOST_WRONG: Final = "服务器地址“{host}”不对。请只写域名，如 smtp.163.com，不带 http://、端口和空格。"
MAIL_PORT_WRONG: Final = "端口应在 1 至 65535 之间，现为 {port}。SMTP 通常是 465，IMAP 通常是 993。"
MAIL_NOT_ENCRYPTED: Final = "{host} 不是本机，security 不能写 none，否则密码在网上明文传送。请改成 ssl（端口 465、993）或 starttls（端口 587、143）。"
MAIL_ADDRESS_WRONG: Final = "邮箱地址“{address}”不对。请写成 name@example.gov.cn 的样子。"
MAIL_PACE_WRONG: Final = "pace_seconds 是每封之间停的秒数，应在 0 至 3600 之间，现为 {pace}。"
MAIL_PASSWORD_IN_SETTINGS: Final = (
    "密码不能写在设置里。请删去“{field}”这一项，改用命令 keyring set jixiao_xl 邮箱地址 存进系统的密码库。"
)
MAIL_CA_FILE_MISSING: Final = "读不到证书文件 {path}（jixiao.toml 的 ca_file）。请核对文件名，路径从工作文件夹算起。"
MAIL_CA_FILE_WRONG: Final = (
    "{path} 里没有证书。请向信息中心要单位根证书（PEM 或 .cer），放进工作文件夹，写在 jixiao.toml 的 ca_file。"
)

MAIL_PASSWORD_MISSING: Final = (
    "没有 {login} 的密码。请运行 keyring set jixiao_xl {login} 存进系统的密码库，或设环境变量 JIXIAO_MAIL_PASSWORD。"
    "163、126、QQ 邮箱用授权码，不用登录密码。"
)
MAIL_KEYRING_MISSING: Final = (
    "这台电脑没有程序能用的密码库。请把 {login} 的授权码或密码设为环境变量 JIXIAO_MAIL_PASSWORD。"
)
MAIL_NO_KEYRING: Final = (
    "这台电脑的密码库用不了（{reason}）。请把 {login} 的授权码或密码设为环境变量 JIXIAO_MAIL_PASSWORD。"
)
MAIL_PASSWORD_NOT_ASCII: Final = (
    "{login} 的用户名、授权码或密码里有中文、全角字符或换行，服务器不会接受。请切换到英文输入法，重新存一遍。"
)

MAIL_HOST_UNKNOWN: Final = "找不到服务器 {host}。请核对 jixiao.toml 里的 host，检查网络。"
MAIL_TIMEOUT: Final = "{host}:{port} 很久没有回答。请检查网络、端口和防火墙，过一会儿再运行。"
MAIL_CONNECTION_REFUSED: Final = "{host}:{port} 拒绝连接。请核对 jixiao.toml 里的 host 和 port，检查防火墙。"
MAIL_CONNECTION_LOST: Final = "与 {host}:{port} 的连接断了。请检查网络，核对端口和 security 是否配套，过一会儿再运行。"
MAIL_UNREACHABLE: Final = "连不上 {host}:{port}（{reason}）。请检查网络，核对 jixiao.toml 的 [mail]。"
MAIL_TLS_MISMATCH: Final = (
    "{host}:{port} 用不了 {security} 加密。请核对端口和 security："
    "465、993 用 ssl，587、143 用 starttls。没有加密就不登录，以免泄露密码。"
)
MAIL_TLS_FAILED: Final = "与 {host}:{port} 建立加密连接失败（{reason}）。服务器的加密方式可能太旧，请问信息中心。"
MAIL_CERTIFICATE_UNTRUSTED: Final = (
    "不信任 {host} 的证书，没有登录。单位自建的邮箱，请向信息中心要根证书，放进工作文件夹，在 jixiao.toml 里写 ca_file；"
    "公共邮箱出现这种情况，请换一个网络再试。"
)
MAIL_CERTIFICATE_EXPIRED: Final = (
    "{host} 的证书不在有效期内，没有登录。请先核对这台电脑的日期；日期没错的，请问信息中心。"
)
MAIL_CERTIFICATE_OTHER_HOST: Final = (
    "{host} 的证书是发给别的服务器的，没有登录。请核对 jixiao.toml 里的 host，写邮箱说明里的域名，不要写 IP 地址。"
)
MAIL_LOGIN_REFUSED: Final = (
    "{host} 不让 {login} 登录：{reply}。请核对用户名和密码；163、126、QQ 邮箱要先在网页上开启 SMTP 和 IMAP 服务，"
    "用网页上生成的授权码，不用登录密码。改好后运行 keyring set jixiao_xl {login} 重新存一遍。"
)
MAIL_LOGIN_LATER: Final = "{host} 现在不让 {login} 登录：{reply}。多半是登录太频繁，请过半小时再运行。"
MAIL_NO_LOGIN: Final = "{host}:{port} 没有提供程序能用的登录方式。请核对 host、port 和 security，问信息中心。"

SEND_ADDRESS_WRONG: Final = "邮箱地址不对：{addresses}。请改正 units.csv 的 email。"
SEND_DRAFTS_LINE: Final = "{count} 封草稿在 {folder}，用 Outlook、Foxmail 等打开就能发。"
SEND_NO_ADDRESS: Final = "没有收信的邮箱地址。请填 units.csv 的 email。"
SEND_REFUSED: Final = "服务器不收寄给 {addresses} 的信：{reply}。请核对 units.csv 的 email。"
SEND_REACHED: Final = "同一封信已寄到 {addresses}。"
SEND_LETTER_REFUSED: Final = "服务器不收寄给 {addresses} 的这封信：{reply}。可以用草稿（.eml）从邮箱里发。"
SEND_TOO_LARGE: Final = "寄给 {addresses} 的信有 {size} MB，超过服务器的上限。请减少附件，或用 U 盘、OA 传送。"
SEND_TOO_LARGE_LIMIT: Final = (
    "寄给 {addresses} 的信有 {size} MB，服务器最多收 {limit} MB。请减少附件，或用 U 盘、OA 传送。"
)
SEND_LATER: Final = "服务器暂时不收：{reply}。没发的请过一会儿再运行一次，会接着发，发过的不重发。"
SEND_LIMIT: Final = (
    "发信数量到了邮箱的上限：{reply}。请明天或过一小时再运行一次，会接着发；也可以把 pace_seconds 改大一些。"
)
SEND_SENDER_REFUSED: Final = (
    "服务器不让 {address} 发信：{reply}。请核对 jixiao.toml 里的 address，它应是登录的那个邮箱。"
)
SEND_IN_DOUBT: Final = (
    "寄给 {addresses} 的信发到一半连接断了，说不准收到没有。再运行一次会用同一个邮件编号重发。{reason}"
)
SEND_ADDRESS_NEEDS_UTF8: Final = "{host} 不支持带中文的邮箱地址 {addresses}。请在 units.csv 里换一个地址。"
NO_REPLY: Final = "没有说明原因"

DOCTOR_MAIL_NONE: Final = "没有设置邮箱：程序不收发邮件，只生成草稿（.eml）。要用，请填 jixiao.toml 的 [mail]。"
DOCTOR_MAIL_PASSWORD: Final = "有 {login} 的邮箱密码"
DOCTOR_MAIL_SMTP: Final = "能登录 {host}:{port} 发信"
DOCTOR_MAIL_IMAP: Final = "能登录 {host}:{port} 收信"
DOCTOR_MAIL_NO_IMAP: Final = "没有设置 imap：程序不收信，请把收到的文件放进“收到”或用 collect --from。"

# -- fetching mail ---------------------------------------------------------------------------------------------

IMAP_MISSING: Final = "jixiao.toml 的 [mail] 里没有 imap，不能从邮箱收信。请补上 imap，或把附件存进一个文件夹，用 collect --from 文件夹 收。"
IMAP_FOLDER: Final = (
    "打不开 {login} 的邮箱文件夹“{folder}”：{reason}。请核对 jixiao.toml 里 imap 的 folder。邮箱里有：{folders}。"
)
IMAP_STOPPED: Final = (
    "收信时 {host} 接连断开 {times} 次，先收到这里，已收的都在。请过几分钟再运行一次，从断处接着收。{trouble}"
)
IMAP_CHANGED: Final = "收信途中，服务器重建了邮箱文件夹“{folder}”，信的编号都变了。请再运行一次，收过的不会重收。"
IMAP_WITHHELD: Final = (
    "{host} 不肯给出“{folder}”里的一封信（编号 {uid}）：{reason}。前面的信都收了。请在网页邮箱里打开它，"
    "把附件另存到文件夹，用 collect --from 收，再把这封信移出“{folder}”，然后再运行一次。"
)
IMAP_ANSWER: Final = "{host} 没有照办：{reason}。请过一会儿再运行一次；还不行，请把这句话发给信息中心。"

# -- what could not be taken apart in a mail -------------------------------------------------------------------

RECEIVED_REMARKS: Final = {
    "mail-unreadable": "整封信读不出来，请在邮箱里打开核对。",
    "mail-sender-missing": "没有写发件人的邮箱地址。",
    "mail-several-senders": "写了几个发件人，按第一个登记。",
    "mail-date-missing": "没有写发信时间。",
    "mail-date-unreadable": "发信时间的写法认不出。",
    "mail-date-without-zone": "发信时间没有写时区，按北京时间。",
    "mail-auto-reply": "自动回复，不是报送。",
    "mail-read-receipt": "阅读回执，不是报送。",
    "mail-encrypted": "加密或整体签名的信，附件取不出来，请对方不加密重发。",
    "mail-partial": "一封信被拆成几封发来，拼不起来，请对方减小附件后重发。",
    "mail-cloud-attachment": "正文里有网盘或超大附件的链接，文件不在信里。请打开链接下载，或请对方作为普通附件重发。",
    "mail-linked-attachment": "附件只是一个链接，文件不在信里，请对方作为普通附件重发。",
    "mail-cut-off": "信不完整，后面可能缺了一截；附件打不开的，请对方重发。",
    "mail-boundary-missing": "信的结构坏了，分不出附件，请在邮箱里打开核对。",
    "mail-boundary-wrong": "信的结构写得不对，已按实际的分隔取出附件。",
    "mail-encoding-damaged": "附件的编码有损坏或夹了别的文字，已取出能取的部分；打不开的，请对方重发。",
    "mail-encoding-missing": "附件没有写明编码，已按实际的编码取出。",
    "mail-headers-cut": "信头异常地长，没有全部读取。",
    "mail-too-deep": "信里一层套一层，套得太深，最里面的没有打开。",
    "mail-too-many-parts": "信里的部分太多，没有全部取出。",
    "mail-winmail-damaged": "winmail.dat 有损坏，已取出能取的部分；请对方把邮件格式改为纯文本或 HTML 后重发。",
    "mail-outlook-damaged": "Outlook 邮件（.msg）里有取不出来的附件，请在 Outlook 里打开核对。",
    "archive-encrypted": "压缩包有密码，请对方去掉密码重发。",
    "archive-damaged": "压缩包已损坏，请对方重新压缩后再发。",
    "archive-too-large": "压缩包解开后太大或文件太多，没有打开。",
    "archive-too-deep": "压缩包里套了太多层压缩包，最里面的没有打开。",
    "archive-unsupported": "不是 zip 压缩包（或用了少见的压缩方法），打不开。请解压后把文件放进文件夹收，或请对方改用 zip。",
    "archive-empty": "压缩包里没有文件。",
    "file-too-large": "文件太大，没有收。",
    "file-unreadable": "文件读不出来，没有收。请关闭打开它的程序，核对权限后再收。",
}

# -- last year -------------------------------------------------------------------------------------------------

HELP_INIT_FROM: Final = "上一年的工作文件夹：带入上年数，沿用本单位的口径和设置。"

PRIOR_NOWHERE: Final = "{unit}的填报表（{table}）没有可以预填上年数的“{row}”。row 填收支表的行键或 projects.csv 里的项目编码；不再有的请删去这一行。"
PRIOR_SOURCE: Final = "{year}年工作文件夹 {cells}"
PRIOR_CELL: Final = "{file}《{sheet}》{cell}"
PRIOR_AND: Final = "、"
LAST_NOT_EARLIER: Final = "{path} 是 {last} 年的工作文件夹。--from 请用早于 {year} 年的，最好是上一年的。"
LAST_TOO_EARLY: Final = "沿用了 {last} 年的口径和设置。它不是上一年（{before} 年），没有带入上年数。"
LAST_FIGURES: Final = "从 {path} 带入 {count} 个上年数，可在 mappings/{year}/prior.csv 里修改。"
LAST_WITHOUT: Final = "这些单位上年没有可用的填报表，没有带入上年数：{units}。"
LAST_TO_FIX: Final = "这些单位上年的填报表还有没改正的问题，带入的上年数请核对：{units}。"
LAST_PROJECTS: Final = (
    "科室上年自己加的项目已补进 projects.csv：{projects}。不再有的请删去，连同 prior.csv 里的那一行。"
)
LAST_NO_CODE: Final = "这些项目没有编码或名称，没有带入：{projects}。"
LAST_OWN_FILES: Final = "沿用了本单位改过的文件：{files}。请核对是否适用于 {year} 年。"
LAST_NO_CERTIFICATE: Final = "上年的工作文件夹里没有证书文件 {path}。请补上，否则收发不了邮件。"
LAST_LOOK_AGAIN: Final = "请核对 mappings/{year} 里的单位、指标、指标值（日期类的要改年份）和项目，以及 jixiao.toml 的截止日期，再运行 issue。"
LAST_SETTINGS: Final = "{path} 的写法程序不会改。请把 department、year、deadline 各写成单独一行，再运行。"

# -- package ---------------------------------------------------------------------------------------------------


PACKAGE_WAITING: Final = (
    "还不能打包，以下单位没有通过：{units}。请先处理问题（见 汇总表.xlsx 的问题清单），再运行 package。"
)
PACKAGE_NO_SCORE: Final = "还不能打包：没有得出最终的部门得分。请看 汇总表.xlsx 的“部门评分”，补齐后再运行 package。"
PACKAGE_UNSIGNED: Final = "还不能打包：有 {count} 份填报表的封面没有签齐、盖章。"
PACKAGE_CHANGED_MEANWHILE: Final = "打包时收到的文件有变动：{files}。没有打包，请再运行一次 package。"
PACKAGE_BESIDE: Final = (
    "{files} 没能写到原来的位置：原来的那份开着或不能更新。请关闭打开的文件、处理好原来的报告，再运行 package。"
)
PACKAGE_LOST: Final = (
    "第 {number} 号上报包已封存，但文件 {path} 不在了或被改动。请用备份或报送时的那一份恢复；"
    "没有备份的，先解封（package --unseal --reason 理由），再运行 package。"
)
PACKAGE_PROGRESS: Final = "正在打包……"
PACKAGED: Final = "已生成第 {number} 号上报包并封存：{path}"
PACKAGE_EVENT: Final = "第 {number} 号上报包：{path}"
PACKAGED_BEFORE: Final = (
    "已于 {day} 打包封存（第 {number} 号）：{path}。要改动请先解封：package --unseal --reason 理由。"
)

SEALED_FILE_CHANGED: Final = "“{unit}”的填报表换了一份"
SEALED_FILE_NEW: Final = "“{unit}”的填报表是封存后才有的"
SEALED_FILE_GONE: Final = "“{unit}”的填报表没有了，或不能确定以哪份为准"
SEALED_MAPPING_CHANGED: Final = "口径有改动（mappings/{year} 里的文件，或 jixiao.toml 的部门名称、截止日期）"
SEALED_REVIEW_CHANGED: Final = "{file} 里的处理决定、复核得分或电话更正有改动"
SEALED_REFUSED: Final = (
    "第 {number} 号上报包已于 {day} 封存，以后的改动不能汇总：{changes}\n"
    "不该有的改动，请恢复原状；确需改动的，先解封：jixiao-xl package 工作文件夹 --unseal --reason 理由，改好后重新打包。"
)
REPORT_SEALED: Final = (
    "第 {number} 号上报包已封存，报告不能再改。确需改动的，先运行 jixiao-xl package {path} --unseal --reason 理由。"
)
BUREAU_OPENING: Final = "核对 {file}"
BUREAU_RECOMPUTING: Final = "重新核算 {department}"
BUREAU_CHANGED_MEANWHILE: Final = "汇总时 {file} 有变动，没有汇总。请再运行一次。"
BUREAU_LINE: Final = (
    "{bureau}{year}年度：{count} 个部门，其中 {settled} 个的上报包核对通过；得分以各部门为准，全区不另评分。"
)
BUREAU_DONE: Final = "完成：{count} 个部门，{counted} 个已重新核算，{findings} 条问题"
UNSEAL_NOT_SEALED: Final = "这个工作文件夹没有封存，不必解封。"
UNSEAL_NO_REASON: Final = "请写明解封的理由，如 --reason 财政局要求补充材料。"
UNSEAL_EVENT: Final = "第 {number} 号上报包解封：{reason}"
UNSEALED: Final = (
    "第 {number} 号上报包已解封，理由：{reason}。原来的文件保留在 {path}；改好后运行 package，生成第 {next} 号。"
)

# -- letters ---------------------------------------------------------------------------------------------------

LETTER_WORD_UNKNOWN: Final = "“{text}”里的 {word} 不认识，或在这里没有。这里可以用：{words}。"
LETTER_BRACES: Final = "“{text}”里的花括号不成对。要写花括号本身，请写两遍。"
LETTER_NO_FINDINGS: Final = "信件 {letter} 没有校验结果可列。请删去 table: findings。"

# -- what the command line says --------------------------------------------------------------------------------

HELP_SEND: Final = "直接发邮件；不加时在“发出/邮件草稿”里生成草稿（.eml）。"
HELP_AGAIN: Final = "发过的也再发一次（配合 --send）。"
HELP_COLLECT: Final = "收表：把邮箱或文件夹里的回件原样存进“收到”，每份只收一次。"
HELP_IMAP: Final = "从 jixiao.toml 里的邮箱收。"
HELP_FROM: Final = "从这个文件夹收（文件、压缩包、.eml、.msg）。"
HELP_STATUS: Final = "看各单位的进度，并生成台账.xlsx。"
HELP_REMIND: Final = "催报：没交的、交错的、要改的、要说明的，各写一封。"
HELP_REMIND_UNIT: Final = "只催这一个单位（代码）。"
HELP_PACKAGE: Final = "全部通过、签字盖章齐了，封存并打成上报包。"
HELP_UNSEAL: Final = "解除封存（要写 --reason）。"
HELP_REASON: Final = "为什么解除封存。"
HELP_DOCTOR_WORKSPACE: Final = "同时检查这个工作文件夹的邮箱设置（只登录，不发信）。"
NO_SUCH_FOLDER: Final = "没有这个文件夹：{path}"
SOURCE_IS_RECEIVED: Final = "{path} 就是“收到”文件夹，里面的文件不用再收，直接运行 consolidate 即可。"
NO_MAILBOX: Final = "不知道从哪里收。请加 --from 文件夹，或在 jixiao.toml 的 [mail] 里写明 imap 后加 --imap（写法见 README“收发邮件”）。"
NO_MAIL_SETTINGS: Final = (
    "jixiao.toml 里没有 [mail]，不能直接发信。请照 README“收发邮件”填好；或不加 --send，用邮件草稿发。"
)
PROGRESS_MAILBOX: Final = "读取邮箱 {place}"
PROGRESS_SENT: Final = "已发：{subject} → {to}"
NOTHING_NEW: Final = "没有新的来件。"
COLLECTED: Final = (
    "新收 {mails} 封（份），登记填报表 {workbooks} 份，要处理 {trouble} 份。接着运行：jixiao-xl consolidate {path}"
)
NOBODY_TO_REMIND: Final = "没有要催的单位。"
SENT_TABLE: Final = ("单位", "收件人", "结果", "说明")
SENT_WORDS: Final = {
    "sent": "已发",
    "before": "以前发过，没有再发",
    "draft": "草稿",
    "no_address": "没有邮箱，没有发",
    "refused": "被退回，没有发到",
}
DRAFTS_LINE: Final = "{count} 封草稿在 {folder}，用 Outlook、Foxmail 等打开就能发。"
REGISTER_LINE: Final = "台账：{path}"

# -- ledger ----------------------------------------------------------------------------------------------------

LEDGER_SET_ASIDE: Final = (
    "台账库 {path} 已损坏，或与登记簿不一致。原文件没有删除，已改名为 {aside}；程序按登记簿重新建立台账库，登记过的不会丢。"
    "运行中断的，请再运行一次。"
)
JOURNAL_MENDED: Final = "登记簿 {path} 第 {line} 行起有损坏，已按台账库补全；损坏的原文件另存为 {aside}。"
JOURNAL_DAMAGED: Final = (
    "登记簿 {path} 第 {line} 行起有损坏，台账库里也没有这部分记录。损坏的原文件另存为 {aside}，读得出的各行已重新登记。"
    "有备份的，请把登记簿的备份放回原处；没有备份的，请对照“收到”文件夹和发件箱核对后再运行一次。"
)
