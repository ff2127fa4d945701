"""The run log (日志): what was done when, for the maintainer; timings stand here and never in a result."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

LOGGER = "jixiao_xl"
_FORMAT = "%(asctime)s %(levelname)s %(message)s"


@contextmanager
def run_log(folder: Path, name: str) -> Generator[logging.Logger]:
    """A logger that appends to `folder/name`; an exception that passes through is logged with its traceback."""
    folder.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger(LOGGER)
    handler = logging.FileHandler(folder / name, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield logger
    except Exception:
        logger.exception("run failed")
        raise
    finally:
        logger.removeHandler(handler)
        handler.close()
