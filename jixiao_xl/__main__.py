"""`python -m jixiao_xl` is `jixiao-xl` (模块入口)."""

from jixiao_xl.cli import main

main()
