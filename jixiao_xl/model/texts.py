"""Sentences for the operator (操作提示): what the command line and the loader of mappings say, in one place."""

from typing import Final

# -- mappings --------------------------------------------------------------------------------------------------

MAPPING_ERROR: Final = "口径文件 {file} 第 {line} 行：{reason}"
MAPPING_ERROR_NO_LINE: Final = "口径文件 {file}：{reason}"
MAPPING_FILE_MISSING: Final = "缺少这个文件。请从上一年的 mappings 文件夹或软件自带的口径中复制一份。"
MAPPING_NOT_TEXT: Final = "不是文本文件。请用 UTF-8 保存。"
MAPPING_NOT_YAML: Final = "格式不对。请检查缩进、冒号和引号。"
MAPPING_DUPLICATE_KEY: Final = "“{key}”写了两次。请删去一处。"
MAPPING_RAGGED_ROW: Final = "列数与表头不一致。请检查是否多了或少了逗号。"
MAPPING_COMPLAINT: Final = "“{field}”不对，现为“{found}”：{allowed}"
MAPPING_COMPLAINTS: Final = {
    "extra_forbidden": "“{field}”不是认识的项目。请检查拼写或删去。",
    "missing": "缺少“{field}”。请补上。",
    "literal_error": "“{field}”只能填 {allowed}，现为“{found}”。",
    "enum": "“{field}”只能填 {allowed}，现为“{found}”。",
    "string_pattern_mismatch": "“{field}”只能用小写英文字母、数字和下划线，以字母开头，现为“{found}”。",
    "string_too_short": "“{field}”不能为空。",
    "string_type": "“{field}”应是文字，现为“{found}”。请加引号。",
    "int_parsing": "“{field}”应是整数，现为“{found}”。",
    "is_instance_of": "“{field}”应是数字，现为“{found}”。",
    "value_error": "“{field}”应是数字，小数请加引号，现为“{found}”。",
    "greater_than": "“{field}”应大于 0，现为“{found}”。",
    "date_from_datetime_parsing": "“{field}”应是日期（如 2025-01-01），现为“{found}”。",
}
DUPLICATE: Final = "“{value}”出现了两次。请改成不同的代码。"
NO_ROOT: Final = "应当恰好有一个上级为空的单位（部门本级），现有 {count} 个。"
UNKNOWN_PARENT: Final = "“{unit}”的上级“{parent}”不在单位表中。"
UNKNOWN_UNIT: Final = "“{value}”不在单位表 units.csv 中。"
POINTS_WRONG: Final = "“{unit}”的“{block}”分值合计为 {found}，按 scoring.yaml 应为 {expected}。请调整分值。"
BLOCK_UNKNOWN: Final = "“{unit}”的一级指标“{block}”不在 scoring.yaml 的权重方案中。"
WEIGHTS_WRONG: Final = "权重方案 {profile} 的分值合计为 {found}，应为 100。"
CODE_UNKNOWN: Final = "“{check}”的代码“{code}”不在 findings.yaml 中。"
EXPRESSION_WRONG: Final = "“{where}”的算式“{text}”不对：{reason}"
NAME_UNKNOWN: Final = "“{where}”的算式“{text}”里的“{name}”在填报表中找不到。"
TEMPLATE_REFUSED: Final = "报告模板 {file} 第 {paragraph} 段：{reason}"
TEMPLATE_REFUSED_OUTSIDE: Final = "报告模板 {file} 的页眉或页脚：{reason}"
TEMPLATE_REASONS: Final = {
    "unknown": "没有“{name}”这个数、词或部分。请删去这个占位，或从原来的模板里复制一个。",
    "damaged": "占位“{name}”坏了。请删去它，从原来的模板里复制一个，放在一行文字里面。",
    "loose": "“{name}”是打上去的字，不是占位，出报告时不会填数。请从原来的模板里复制占位。",
    "not_alone": "“{name}”要独占一段，不能放在表格、文本框里，前后也不能有别的字。请给它另起一段。",
    "percent": "“{name}”自带百分号。请删去它后面的 %。",
}
REPORT_PART_UNNAMED: Final = "报告中取自填报表的部分（{name}）要写 key 和 label，key 不能重复。"
REPORT_WORD_UNKNOWN: Final = "报告用到的“{name}”不在 facts.yaml 中。"
CHECK_SIDES: Final = "“{check}”要么写 condition，要么写 left、op、right。"
TARGET_WRONG: Final = "“{unit}”的指标“{indicator}”：{reason}"
FACT_SIDES: Final = "“{fact}”要么写 value，要么写 special。"
CHOICES_UNKNOWN: Final = "选择列表“{value}”没有在 choices 中定义。"

# -- workspaces ------------------------------------------------------------------------------------------------

NEW_SETTINGS: Final = """# 本工作文件夹的设置
schema = 1
department = "{department}"
year = {year}
deadline = {deadline}    # 科室回传截止日期

# 收发邮件：不填也能用，程序生成邮件草稿（.eml），由您发送。要让程序收发，请去掉下面四行开头的“# ”再改。
# [mail]
# address = "jixiao@example.gov.cn"    # 发信的邮箱；登录名不同的，再加一行 user = "登录名"
# smtp = {{ host = "smtp.example.gov.cn", port = 465, security = "ssl" }}
# imap = {{ host = "imap.example.gov.cn", port = 993, security = "ssl" }}
# 163 邮箱：host 写 smtp.163.com、imap.163.com；QQ 邮箱：smtp.qq.com、imap.qq.com；端口都不用改。
# 单位邮箱：请问信息中心 host、port 和加密方式（ssl 或 starttls）；证书是单位自建的，在花括号里加 ca_file = "根证书.pem"。
# 密码不写在这里：运行 keyring set jixiao_xl 邮箱地址 存进系统的密码库，或设环境变量 JIXIAO_MAIL_PASSWORD。
# 163、126、QQ 邮箱要用网页上“设置”里生成的授权码，不是登录密码。
"""
NO_SUCH_PATH: Final = "没有这个文件或文件夹：{path}"
NOT_A_WORKSPACE: Final = "{path} 不是工作文件夹（里面没有 jixiao.toml）。请先运行 jixiao-xl init。"
FOLDER_NOT_EMPTY: Final = "{path} 不是空文件夹。请换一个新文件夹名。"
NO_MAPPING: Final = "找不到 {year} 年的口径（mappings/{year}）。请从最近一年复制，或核对年度。"
NO_UNIT: Final = "单位表里没有“{unit}”。可用的代码：{units}"
CANNOT_WRITE: Final = "写不了 {path}：{reason}。请检查磁盘空间和权限，关闭占用它的程序后再运行。"
TEMPLATES_DIFFER: Final = "workbook_templates/{name} 与口径生成的不一致。请运行 jixiao-xl templates build。"

# -- what the command line says --------------------------------------------------------------------------------

HELP_APP: Final = "部门整体支出绩效自评：下发填报表、校验、核分、汇总、出报告，每个数都能追到单元格。"
HELP_DEMO: Final = "把示例复制到 DIR（默认 ./绩效自评示例）并汇总一遍。"
HELP_INIT: Final = "新建一个工作文件夹。"
HELP_ISSUE: Final = "生成各单位的填报表，放在“发出”。"
HELP_CHECK: Final = "校验填报表（文件或文件夹），不需要工作文件夹。"
HELP_CONSOLIDATE: Final = "读取“收到”里的填报表，校验、核分、汇总，生成汇总表、报告和运行记录。"
HELP_REPORT: Final = "生成自评报告和附表；人工改过的报告只更新变动的数。"
HELP_FORCE: Final = "人工改过的数也按填报表更新。"
HELP_PDF: Final = "另存一份 PDF 预览（需要 LibreOffice）。"
HELP_CHECK_REPORT: Final = "核对任何一份报告（.docx 或 .txt）里的每个数，不需要工作文件夹。"
HELP_REPORT_WORKSPACE: Final = "同时与这个工作文件夹的数逐一核对。"
HELP_REPORT_OUT: Final = "另存结果：.docx 是加了批注的副本，.csv 是核对表，.json 是全部结果。"
HELP_ALL: Final = "列出全部，不只列有问题的。"
HELP_TEMPLATES: Final = "build：按口径重新生成空白模板；verify：核对模板与口径一致。"
HELP_SCHEMA: Final = "打印 --json 输出的 JSON Schema。"
HELP_DOCTOR: Final = "检查这台电脑能不能用。"
HELP_JSON: Final = "只在标准输出打印一份 JSON。"
HELP_AS_OF: Final = "把“今天”定为这一天（YYYY-MM-DD）。"
HELP_PARTIAL: Final = "单位未收齐也算一个暂定得分。"
HELP_OUT: Final = "结果放到哪个文件夹，默认“结果”。"
HELP_INPUTS: Final = "从哪个文件夹读填报表，默认“收到”。"
HELP_UNIT: Final = "只生成这一个单位（代码）。"
BAD_DATE: Final = "日期应写成 2026-04-30 的样子，现为“{text}”。"
PROGRESS_READ: Final = "读取 {count} 个文件"
PROGRESS_VALIDATE: Final = "校验"
PROGRESS_SCORE: Final = "核分"
PROGRESS_RECONCILE: Final = "对账"
PROGRESS_REPORT: Final = "写报告和附表"
PROGRESS_PREVIEW: Final = "生成预览 {path}"
PROGRESS_WRITE: Final = "写结果"
PROGRESS_DONE: Final = "完成：得分 {score}，{findings} 条校验结果"
NO_SCORE_YET: Final = "未定"
INIT_DONE: Final = (
    "已建立 {path}。请看 mappings/{year}/units.csv（单位）和 indicators.csv（指标），改好后运行：jixiao-xl issue {path}"
)
ISSUED: Final = "已生成 {count} 份填报表，在 {path}"
SCORE_LINE: Final = "{department} {year} 年度：{score} 分，{grade}"
SCORE_PROVISIONAL: Final = "{department} {year} 年度：暂定 {score} 分，{grade}（未计入：{units}）"
SCORE_NONE: Final = "{department} {year} 年度：还不能算出部门得分，等待：{units}"
STATUS_WORDS: Final = {
    "missing": "未收到",
    "refused": "不能用",
    "to_fix": "须退回改正",
    "to_explain": "须说明",
    "accepted": "通过",
    "sealed": "已封存",
}
SEVERITY_WORDS: Final = {"must_fix": "须改", "explain": "须说明", "note": "提示"}
UNIT_TABLE: Final = ("单位", "状态", "自评得分", "核算得分", "须改", "须说明", "提示")
FILE_TABLE: Final = ("文件", "单位", "状态", "须改", "须说明", "提示")
RETURN_IMPOSSIBLE: Final = "“{unit}”的填报表里有不能写回的内容（数组公式、旧式宏表），没有生成退回表。请运行 jixiao-xl return --unit {code} --fresh 换新表。"
REVIEW_OPEN: Final = "{path} 正在 Excel 中打开，或运行中被改过，这次没有更新。请保存并关闭后再运行一次。"
FRESH_SUFFIX: Final = "_新表"
HELP_RETURN: Final = "汇总一遍，列出要退回的填报表（在“结果/退回”）；--fresh 把损坏的填报表内容带入新表。"
HELP_RETURN_UNIT: Final = "只退回这一个单位（代码）。"
HELP_FRESH: Final = "把填好的内容带入一份干净的新表，并列出带不进去的。"
RETURN_TABLE: Final = ("单位", "状态", "退回的填报表")
FRESH_TABLE: Final = ("单位", "新表", "没有带入", "清单")
NOTHING_TO_RETURN: Final = "没有要退回的填报表。"
NOTHING_TO_RENEW: Final = "没有损坏的填报表，不需要换新表。"
OUTPUTS_LINE: Final = "结果：{path}"
NO_FINDINGS: Final = "没有发现问题。"
DOCTOR_PYTHON: Final = "Python {version}"
DOCTOR_PACKAGE: Final = "{name} {version}"
DOCTOR_PACKAGE_MISSING: Final = "{name} 没有安装。请重新运行 pip install jixiao-xl。"
DOCTOR_SOFFICE: Final = "LibreOffice：{path}"
DOCTOR_SOFFICE_MISSING: Final = "没有 LibreOffice：不影响汇总，只是不能生成 PDF 预览。"
DOCTOR_RESOURCES: Final = "口径、模板和示例：{path}"
DOCTOR_ENCODING: Final = "控制台编码：{encoding}"
DOCTOR_WRITABLE: Final = "可以在 {path} 写文件"
DOCTOR_NOT_WRITABLE: Final = "不能在 {path} 写文件。请换到自己的文件夹再运行。"
UNEXPECTED: Final = "程序出错，没有改动任何已有文件。详情在 {log}，请把它发给维护人员。"
FINDING_OF: Final = "{unit}：{message}"
MORE_FINDINGS: Final = "……还有 {count} 条，见汇总表的“问题清单”。"

# -- expressions -----------------------------------------------------------------------------------------------

EXPRESSION_SYNTAX: Final = "写法不完整或有多余的符号。请检查括号和运算符。"
EXPRESSION_PIECE: Final = "不认识“{piece}”。只能用名字、数字、+ - * /、一个比较、and or not，以及 sum abs round blank。"
EXPRESSION_NOT_A_NUMBER: Final = "“{piece}”是条件，这里应当是数。"
EXPRESSION_NOT_A_CONDITION: Final = "“{piece}”不是条件。请写成比较，如 a <= b。"
EXPRESSION_CHAINED: Final = "“{piece}”连写了几个比较。请拆成用 and 连接的两个。"
EXPRESSION_NAME: Final = "“{piece}”应写成 表.行.列，或在 sum 里写 表.列。"
EXPRESSION_INCOMPLETE: Final = "算式不完整。"

# -- scoring rules ---------------------------------------------------------------------------------------------

RULE_UNKNOWN: Final = "没有“{nature}＋{method}”这种计分规则。请改指标性质或计分方法。"
RULE_PARAMETER: Final = "缺少参数 {name}，或它不是正数。请在指标表 indicators.csv 中补上。"
RULE_RANGE: Final = "区间下限 {low} 大于上限 {high}。"
RULE_STEPS: Final = "分档“{text}”应写成 0:100;10:80（界限:得分率%）。"

# -- files -----------------------------------------------------------------------------------------------------

WORKSPACE_BUSY: Final = "{path} 正在被另一个程序使用。请等它运行完再试。"
TEXT_TOO_LONG: Final = "一个格子最多 {limit} 个字符，这段文字更长。请删短后再运行。"

# -- review ----------------------------------------------------------------------------------------------------

LEDGER_NEWER: Final = "{path} 是更新版本的程序写的，这个版本读不了。请用新版程序运行。"
LEDGER_BUSY: Final = "{path} 正在被另一个程序使用。请等它运行完再试。"
LEDGER_DAMAGED: Final = (
    "台账 {path} 已损坏，原文件没有删除，已改名为 {aside}。"
    "有备份的，请把备份放回原处；没有备份的，直接再运行一次，程序按“收到”里的文件重新登记。"
)
LEDGER_DAMAGED_THERE: Final = "台账 {path} 已损坏，又被别的程序占用。请关闭占用它的程序后再运行，原文件不会被删除。"
REVIEW_UNREADABLE: Final = (
    "{file} 打不开：文件已损坏、加了密码或不是 .xlsx 工作簿。程序没有改动它。"
    "请用 Excel 或 WPS 打开后另存为不加密的 .xlsx；打不开的，请改名留存后再运行，程序会新建一份。"
)
REVIEW_SHEET_MISSING: Final = "{file} 里没有工作表“{sheet}”。请把改过的表名改回来，或从备份中恢复；程序没有改动它。"
REVIEW_COLUMN_MISSING: Final = (
    "{file}《{sheet}》的表头里没有“{column}”这一列。请把这一列的表头改回来（列可以移动，也可以加列）；程序没有改动它。"
)
REVIEW_COLUMN_TWICE: Final = (
    "{file}《{sheet}》第 {row} 行的表头有两个“{column}”。请把其中一个改成别的名称；程序没有改动它。"
)
REVIEW_MISTAKE: Final = "{file}《{sheet}》{cell}：{reason}"
REVIEW_MORE: Final = "{file} 还有 {count} 处同类问题。"
REVIEW_NEEDED: Final = "第 {row} 行没有填“{column}”。请补上，或清空这一行。"
REVIEW_UNKNOWN_UNIT: Final = "认不出单位“{found}”。请填单位的名称、简称或代码：{units}。"
REVIEW_UNKNOWN_SHEET: Final = "填报表里没有工作表“{found}”。请填：{sheets}。"
REVIEW_BAD_ADDRESS: Final = "“{found}”不是单元格地址。请填列字母加行号，如 H12。"
REVIEW_SCORE_NOT_A_NUMBER: Final = "复核得分应是数字，现为“{found}”。请改成 0 至 {points} 的数，或清空。"
REVIEW_SCORE_RANGE: Final = "复核得分应在 0 至 {points} 之间，现为 {found}。请改正或清空。"
REVIEW_SCORE_DECIMALS: Final = "复核得分最多两位小数，现为 {found}。请改正。"
REVIEW_SCORE_MOVED: Final = (
    "这一行写的是“{found}”，隐藏的代码却是“{expected}”的，可能排序时没有选中全部的列。"
    "请撤销排序，或把这一行的复核得分挪到正确的行。"
)

# -- narrative reports -----------------------------------------------------------------------------------------

PLACE_PARAGRAPH: Final = "第{}段"
PLACE_CELL: Final = "表{}第{}行第{}列"
PLACE_BOX: Final = "文本框{}第{}段"
PLACE_NOTE: Final = "注{}"
CLAIM_TABLE: Final = ("位置", "关系", "文字", "报告写的", "重算的", "差额", "结论")
CLAIM_WORDS: Final = {
    "total": "合计",
    "balance": "收支平衡",
    "difference": "增减额",
    "rate": "增减率",
    "share": "占比",
    "completion": "完成率",
    "points": "百分点",
    "multiple": "倍数",
    "product": "单价×数量",
    "score_sum": "得分合计",
    "date_order": "日期先后",
    "fact": "与汇总数据",
}
VERDICT_WORDS: Final = {
    "wrong": "不一致",
    "within_rounding": "尾差",
    "partial": "部分",
    "unverifiable": "无法核对",
    "exact": "一致",
}
REASON_WORDS: Final = {
    "no-base": "没有基数",
    "no-prior": "没有上年数",
    "zero-base": "基数为零",
    "ambiguous": "对应的数不止一个",
    "scope": "口径不同",
    "approximate": "是约数",
    "empty": "没有填数",
}
VERDICT_REASON: Final = "{verdict}（{reason}）"
MISSING_NUMBER: Final = "缺{missing}"
CHECKED_NUMBERS: Final = (
    "共 {total} 个数：参与核对 {in_claims}，日期序号等 {context}，单独列出 {stated}，没看懂 {unparsed}。"
)
CHECKED_CLAIMS: Final = "核对数字关系 {total} 处：不一致 {wrong}，尾差 {within_rounding}，部分 {partial}，无法核对 {unverifiable}，一致 {exact}。"
OPERANDS_JOINT: Final = "、"
OPERAND_AT: Final = "{text}（{place}）"
CLAIM_TABLE_MORE: Final = "依据的数"
CLAIM_COMMENTS: Final = {
    "wrong": "{kind}：写的是 {stated}，按 {operands} 重算为 {recomputed}，差 {difference}。请核对，其中任何一个数都可能是错的。",
    "within_rounding": "{kind}：写的是 {stated}，按 {operands} 重算为 {recomputed}，差 {difference}，属四舍五入的尾差。",
    "partial": "{kind}：所列分项 {operands} 相加为 {recomputed}，不到总数 {stated}。请确认其余部分已在别处说明。",
    "empty": "{kind}：这里应有数字，现为空白。请补上。",
}
REPORT_BEFORE: Final = "改动前的报告：{path}"
MORE_CLAIMS: Final = "……还有 {count} 处不一致没有列出，全部结果见 --json。"
MORE_SLIPS: Final = "……文字问题还有 {count} 条没有列出，全部结果见 --json。"
REPORT_NOT_READ: Final = "“{file}”读不了：{reason}"
REPORT_REASONS: Final = {
    "empty": "文件是空的（0 字节）。请打开原来的报告，另存为 .docx 后再核对。",
    "lock": "这是 Word 打开文件时留下的临时文件，不是报告。请关闭 Word，改用没有“~$”的那个文件。",
    "large": "文件太大，远超一份文字报告应有的大小，没有打开。请删去图片和附件，或把正文另存为 .txt 后再核对。",
    "encrypted": "文件设了打开密码。请在 Word 的“文件—信息—保护文档”中取消打开密码，保存后再核对。",
    "truncated": "文件不完整或已损坏，多半是传输时中断了。请确认 Word 能打开它，另存为新的 .docx 后再核对。",
    "unsafe": "文件的内部结构不安全，为防损坏没有打开。请把正文复制到新建的文档，保存为 .docx 后再核对。",
    "workbook": "这是 Excel 工作簿，不是文字报告。核对填报表请用 jixiao-xl check。",
    "old": "这是旧格式的文档（.doc 或 .wps）。请用 Word 或 WPS 打开，另存为 .docx 后再核对。",
    "other_format": "这不是 .docx 文档，改扩展名不能改变文件的真实类型。请用 Word 或 WPS 打开，另存为 .docx 后再核对。",
    "pdf": "这是 PDF 文件。请核对生成它的 Word 文档；没有的，请把文字复制到 .txt 文件后再核对。",
    "no_text": "里面没有文字（可能是扫描的图片）。请换成可以选中文字的 .docx 或 .txt 文件。",
    "not_text": "不是文本文件，看不出用的是什么编码。请在记事本中另存为 UTF-8 编码的 .txt 后再核对。",
    "comments": "批注只能写进 .docx 文档。请把报告另存为 .docx 后再运行，或不用 --out。",
}

# -- previews --------------------------------------------------------------------------------------------------

PREVIEW_NO_LIBREOFFICE: Final = (
    "没有找到 LibreOffice，不能生成 PDF 预览。请安装 LibreOffice，或用 Word、WPS 打开后另存为 PDF。"
)
PREVIEW_NOT_A_DOCUMENT: Final = "只能预览 .docx 文档和 .xlsx 工作簿。请用 Word、Excel 或 WPS 另存为这两种格式后再运行。"
PREVIEW_NOT_STARTED: Final = "启动不了 LibreOffice（{path}）：{reason}。请重新安装，或用 Word、WPS 打开后另存为 PDF。"
PREVIEW_TIMEOUT: Final = (
    "LibreOffice 在 {seconds} 秒内没有生成 PDF 预览，已把它结束。请再运行一次，或用 Word、WPS 打开后另存为 PDF。"
)
PREVIEW_FAILED: Final = (
    "LibreOffice 没有生成 PDF 预览，文件可能已损坏。请确认 Word、Excel 或 WPS 能打开它，再运行一次。"
)

# -- refreshed reports -----------------------------------------------------------------------------------------

REPORT_CHANGES: Final = {
    "refreshed": "更新：{label} {old} → {new}",
    "overwritten": "覆盖人工改动：{label} {old} → {new}",
    "new": "报告里没有：{label}，现为 {new}。需要的，请从新生成的报告中复制。",
}
REPORT_KEPT: Final = "报告没有更新，原样保留，新的另存一份。{reason}"
REPORT_WITHOUT_FIGURES: Final = "“{file}”里没有程序写入的数，无从更新，原样保留，新的另存一份。"
CHECK_OUT_IS_INPUT: Final = "“{path}”就是要核对的报告，不能写在它上面。请给 --out 换一个文件名。"
CHECK_OUT_TEXT: Final = "纯文本报告加不了批注。请把 --out 写成 .csv 或 .json。"
CHECK_OUT_SUFFIX: Final = "--out 的文件名“{path}”应以 .docx（带批注的副本）、.csv（核对表）或 .json 结尾。"
REPORT_AT: Final = "{labels}（{place}）"
REPORT_JOINT: Final = "、"
REPORT_EMPTY: Final = "空白"
REPORT_UNKNOWN: Final = "（未记录）"
REPORT_FIGURE_GONE: Final = "这是域“{label}”，本年已没有这个数，没有更新。"
REPORT_FIGURE_UNTOLD: Final = "这是域“{label}”，标记已丢失，看不出上次写的是什么，没有更新。"

# -- the bureau's forms ----------------------------------------------------------------------------------------

LIST_JOINT: Final = "、"
ANCHOR_JOINT: Final = "→"
BUREAU_FORM_ERROR: Final = "财政局的表 {file}《{sheet}》：{reason}"
BUREAU_FILE_ERROR: Final = "财政局的表 {file}：{reason}"
BUREAU_FILE_MISSING: Final = (
    "mappings 的 bureau_forms 文件夹里没有这个文件。请把空表放进去，或改 bureau_forms.yaml 里的 file。"
)
BUREAU_FILE_OLD: Final = (
    "程序只能填 .xlsx 工作簿。请用 Excel 或 WPS 打开它，另存为 .xlsx，再改 bureau_forms.yaml 里的 file。"
)
BUREAU_FILE_UNREADABLE: Final = (
    "打不开：文件已损坏、加了密码或不是 .xlsx 工作簿。请用 Excel 或 WPS 另存为不加密的 .xlsx。"
)
BUREAU_SHEET_MISSING: Final = "没有工作表“{sheet}”。现有：{sheets}。请改 bureau_forms.yaml 里的 sheet。"
ANCHOR_MISSING: Final = "找不到“{label}”。请照表上印的字改 bureau_forms.yaml（不分全角半角，不看空格）。"
ANCHOR_ELSEWHERE: Final = (
    "“{label}”找不到；只在 {places} 有最后一级的字，但不在所写的上级或范围之内。请核对 bureau_forms.yaml。"
)
ANCHOR_TWICE: Final = (
    "“{label}”有 {count} 处：{places}。请用列表写清它的上级名称，或用 after、before 说明在哪一行之后、之前。"
)
ANCHOR_APART: Final = (
    "“{row}”（{rows}）和“{column}”（{columns}）不相交：列名应在行名的右上方。请核对 bureau_forms.yaml。"
)
ANCHOR_SEVERAL_CELLS: Final = "“{label}”对着几个格：{places}。请写更细一级的名称，使它只对着一格。"
BUREAU_SAME_CELL: Final = "“{first}”和“{second}”都填在 {cell}。请核对 bureau_forms.yaml。"
BUREAU_PRINTED: Final = "“{field}”要填的 {cell} 已印有“{found}”，应填“{wanted}”，没有覆盖。请核对；确要覆盖的，写 overwrite: true，指标表里占位的字写进 placeholders。"
BUREAU_PERCENT_TWICE: Final = "“{field}”要填的 {cell} 的格式是百分比，填 86.2 会显示成 8620%。请把 unit 改成 ratio。"
BUREAU_SHARED_CELL: Final = "{cell}“{field}”几个指标共用一格，要填的却不一样：{found}、{wanted}，一个也没有填。请在空表里拆开这个合并的格，再运行。"
BUREAU_FORMULA_DIFFERS: Final = (
    "{cell} 的公式 ={formula} 算出 {found}，“{field}”按口径应为 {wanted}。请核对表上的公式和口径；公式没有改动。"
)
BUREAU_FORMULA_FAILS: Final = (
    "{cell} 的公式 ={formula} 算不出数（{found}），“{field}”按口径应为 {wanted}。请核对表上的公式；公式没有改动。"
)
BUREAU_NOT_WRITTEN: Final = (
    "填完再读，{cell}“{field}”是“{found}”，应为“{wanted}”。请把空表和 bureau_forms.yaml 发给维护人员。"
)
BUREAU_NOT_A_FIGURE: Final = "{cell}“{field}”应是数，现为“{found}”。请改成数，或清空。"
BUREAU_TWO_VALUES: Final = "“{field}”在 {first} 和 {second} 的数不一样：{found} 和 {other}。请核对表上的数。"
BUREAU_NO_HEADER: Final = "指标表的表头不在同一行：{places}。请核对 bureau_forms.yaml 里 indicators 的 columns。"
BUREAU_TWO_HEADERS: Final = "指标表的表头有几处，第 {rows} 行都有全部列名。请用 after、before 说明在哪一行之后、之前。"
BUREAU_NO_GROUP: Final = (
    "表上没有“{group}”这一组，“{name}”没有地方填。请在 bureau_forms.yaml 的 words 里写明它在表上叫什么。"
)
BUREAU_TOO_FEW_ROWS: Final = "“{group}”只有 {room} 行，要填 {needed} 个指标，一个也没有填。请在空表的这一组里整行插入 {missing} 行（复制原行再插入），再运行。"
BUREAU_ALL_ROWS: Final = "指标表"
BUREAU_ROW_WITHOUT_NAME: Final = "第 {row} 行填了数，却没有指标名称（{cell}）。请补上名称，或清空这一行。"
BUREAU_FIELD_UNKNOWN: Final = "“{field}”不是可以填的名称。可以填：{fields}。"
BUREAU_UNIT_WRONG: Final = "“{field}”要写 unit，只能是：{units}。"
BUREAU_UNIT_UNNEEDED: Final = "“{field}”没有单位，请删去 unit。"
BUREAU_NO_NAME_COLUMN: Final = "indicators 的 columns 里要有 level3（指标名称）。"
BUREAU_FILE_TWICE: Final = "“{file}”写了两次。请删去一处。"
