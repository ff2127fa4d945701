"""The specification of jixiao_xl, as tests (测试)."""
