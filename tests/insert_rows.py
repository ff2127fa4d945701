"""Insert rows with LibreOffice (插入行): run by the system's python3, which has its `uno`; not a test of its own.

Usage: python3 insert_rows.py FOLDER COUNT: FOLDER/in<n>.xlsx become FOLDER/out<n>.xlsx.
"""

import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def option(name, value):
    item = PropertyValue()
    item.Name, item.Value = name, value
    return item


def desktop(folder):
    """A LibreOffice with a profile of its own, listening on a pipe."""
    pipe = f"jixiao{Path(folder).name.replace('-', '')}"
    profile = (Path(folder) / "profile").as_uri()
    accept = f"--accept=pipe,name={pipe};urp;"
    subprocess.Popen(["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore", accept])
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(120):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.5)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    raise SystemExit("LibreOffice does not answer")


def insert(office, source, target):
    """Three blank rows on every sheet: two below the first key row, one among the rows of the first table."""
    document = office.loadComponentFromURL(source.as_uri(), "_blank", 0, (option("Hidden", True),))
    for sheet in document.Sheets:
        if sheet.Name != "_meta":
            if sheet.isProtected():
                sheet.unprotect("")
            sheet.Rows.insertByIndex(5, 1)
            sheet.Rows.insertByIndex(1, 2)
    document.storeToURL(target.as_uri(), (option("FilterName", "Calc MS Excel 2007 XML"),))
    document.close(True)


def main():
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    office = desktop(folder)
    for number in range(count):
        insert(office, folder / f"in{number}.xlsx", folder / f"out{number}.xlsx")
    office.terminate()


if __name__ == "__main__":
    main()
