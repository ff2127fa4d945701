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
CHECK_SIDES: Final = "“{check}”要么写 condition，要么写 left、op、right。"
TARGET_WRONG: Final = "“{unit}”的指标“{indicator}”：{reason}"
FACT_SIDES: Final = "“{fact}”要么写 value，要么写 special。"
CHOICES_UNKNOWN: Final = "选择列表“{value}”没有在 choices 中定义。"
