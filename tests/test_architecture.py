"""The house (代码结构): imports point one way, words live where officers can change them, files stay readable."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "jixiao_xl"
MODULES = sorted(PACKAGE.rglob("*.py"))
# from the ground up: a room may import itself and what stands before it
ROOMS = ("model", "files", "stages", "workspace", "saving", "pipeline", "top")
ROOM_OF_TOP_FILE = {"workspace": "workspace", "saving": "saving", "saving_report": "saving", "pipeline": "pipeline"}
# what opens files, sockets or Office packages belongs to files/
FILE_LIBRARIES = {
    "zipfile", "socket", "smtplib", "imaplib", "subprocess", "tempfile", "xlsxwriter", "openpyxl", "docx", "lxml",
    "ironcalc", "msoffcrypto", "filelock", "sqlite3", "olefile", "imap_tools", "keyring",
}  # fmt: skip
ALLOWED_LIBRARIES = {"doctor": {"tempfile"}}  # it tries whether a file can be written
CHINESE = re.compile("[一-鿿]")
# values of the contract (DESIGN 5, 6, 8, 9): levels, natures, kinds, folder and file names; not prose
CONTRACT_WORDS = {
    "部门", "科室", "项目", "定性", "区间", "日期", "比例", "直接", "等次", "分档", "扣分", "基本平衡", "逻辑性", "核实性", "预算执行",
    "发出", "收到", "结果", "退回", "日志", "附件", "邮件草稿", "登记簿.jsonl", "台账.xlsx", "审核处理.xlsx", "运行记录.json", "运行.log", "自评报告.docx", "汇总表.xlsx", "革新街道办事处2025", "绩效自评示例",
    "宋体", "黑体", "仿宋_GB2312", "楷体_GB2312", "方正小标宋简体", "一二三四五六七八九十", "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "十", "百", "千", "拾", "佰", "仟", "两",
    "上报记录.json", "汇总结果.json", "上报清单.xlsx", "填报表", "上报包",
    "负", "万元", "亿元", "元", "万", "亿", "人", "个", "分", "_新", "_新_",
}  # fmt: skip
MAX_FILE, MAX_FUNCTION = 450, 45
LONG_FILES = {"rules.py"}  # one small class a rule, read as a table


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if parts[0] in ROOMS else ROOM_OF_TOP_FILE.get(path.stem, "top")


def stage(name: str) -> str | None:
    match = re.match(r"jixiao_xl\.stages\.(\w+)", name)
    return match[1] if match else None


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "jixiao_xl")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    """Model ← files ← stages ← pipeline ← cli; a stage never imports another."""
    here = ROOMS.index(room(path))
    for name in imports(path):
        if name.startswith("jixiao_xl.") and name != "jixiao_xl.__version__":
            first = name.split(".")[1]
            target = first if first in ROOMS else ROOM_OF_TOP_FILE.get(first, "top")
            assert ROOMS.index(target) <= here, f"{module_name(path)} imports {name}"
            mine, theirs = stage(module_name(path)), stage(name)
            assert mine is None or theirs is None or mine == theirs, f"{module_name(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_only_files_opens_files(path: Path) -> None:
    """Whoever looks for an open file looks in one folder."""
    if room(path) != "files":
        used = {name.partition(".")[0] for name in imports(path)} & FILE_LIBRARIES
        assert used <= ALLOWED_LIBRARIES.get(path.stem, set())


def _compiles(call: ast.Call) -> bool:
    """Whether it is re.compile: a pattern says what people type, not what they read."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "compile"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_words_that_an_officer_reads_are_not_in_code(path: Path) -> None:
    """They live in mappings/, in the templates, or in the modules of texts."""
    if path.name in ("texts.py", "texts_mail.py"):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
    patterns = {id(argument) for n in ast.walk(tree) if isinstance(n, ast.Call) for argument in n.args if _compiles(n)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose | patterns:
            assert not CHINESE.search(node.value) or node.value in CONTRACT_WORDS, (
                f"{path.name}:{node.lineno} {node.value}"
            )


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_files_and_functions_stay_readable(path: Path) -> None:
    """Past these sizes the missing idea has not been found."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), path
    assert path.name in LONG_FILES or len(text.splitlines()) <= MAX_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert length <= MAX_FUNCTION, f"{path.name}: {node.name} has {length} lines"


def test_help_does_not_wait_for_pandas() -> None:
    """An officer who mistypes a verb should not wait a second for it."""
    script = (
        "import sys; sys.argv = ['jixiao-xl', '--help']\n"
        "from jixiao_xl.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'pandas', 'pandera', 'openpyxl', 'docx', 'xlsxwriter', 'pydantic', 'ironcalc'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=True)
    assert "consolidate" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_no_comment_says_todo(path: Path) -> None:
    """What is not done stands in the changelog."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    assert not [t for t in tokens if t.type == tokenize.COMMENT and re.search(r"TODO|FIXME|XXX", t.string)]
