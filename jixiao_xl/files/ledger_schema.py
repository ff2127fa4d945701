"""The ledger's tables (台账表结构), and what each change of the journal does to them."""

from __future__ import annotations

from typing import Final

from jixiao_xl.files.journal import BEGINNING

# one script a version of the schema; user_version says how many of them a ledger has had
SCHEMA: Final = (
    """
    CREATE TABLE rounds (
        unit TEXT NOT NULL, version INTEGER NOT NULL, file TEXT NOT NULL, sha256 TEXT NOT NULL,
        entered_on TEXT NOT NULL, status TEXT, must_fix INTEGER NOT NULL DEFAULT 0,
        explain INTEGER NOT NULL DEFAULT 0, note INTEGER NOT NULL DEFAULT 0, returned TEXT,
        PRIMARY KEY (unit, version), UNIQUE (unit, sha256)
    );
    CREATE TABLE events (
        number INTEGER PRIMARY KEY, day TEXT NOT NULL, verb TEXT NOT NULL, unit TEXT, text TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE rounds ADD COLUMN returned_on TEXT;
    CREATE TABLE journal (n INTEGER PRIMARY KEY, line TEXT NOT NULL);
    CREATE TABLE receipts (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL, place TEXT NOT NULL, uid INTEGER, message_id TEXT NOT NULL,
        sender TEXT NOT NULL, received_at TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL,
        day TEXT NOT NULL, remarks TEXT NOT NULL
    );
    CREATE UNIQUE INDEX receipts_once ON receipts (id, place, ifnull(uid, -1));
    CREATE INDEX receipts_of_place ON receipts (place, uid);
    CREATE TABLE enclosures (
        receipt INTEGER NOT NULL REFERENCES receipts (number), position INTEGER NOT NULL, name TEXT NOT NULL,
        way TEXT NOT NULL, sha256 TEXT NOT NULL, file TEXT NOT NULL, unit TEXT NOT NULL, outcome TEXT NOT NULL,
        code TEXT NOT NULL, PRIMARY KEY (receipt, position)
    );
    CREATE INDEX enclosures_of_bytes ON enclosures (sha256);
    CREATE TABLE dispatches (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, unit TEXT NOT NULL, content TEXT NOT NULL,
        message_id TEXT NOT NULL UNIQUE, recipients TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
        day TEXT NOT NULL, reason TEXT NOT NULL, UNIQUE (kind, unit, content)
    );
    CREATE TABLE seals (
        number INTEGER PRIMARY KEY, day TEXT NOT NULL, as_of TEXT NOT NULL, mappings TEXT NOT NULL,
        review TEXT NOT NULL, package TEXT NOT NULL, sha256 TEXT NOT NULL, lifted_on TEXT, reason TEXT NOT NULL
    );
    CREATE TABLE sealed_files (
        seal INTEGER NOT NULL REFERENCES seals (number), unit TEXT NOT NULL, sha256 TEXT NOT NULL,
        PRIMARY KEY (seal, unit)
    );
    """,
)

# what a version-1 ledger has had written, as changes in their order
ROUNDS: Final = "SELECT * FROM rounds ORDER BY rowid"
EVENTS: Final = "SELECT * FROM events ORDER BY number"

# a change is made by these statements, each once with the fields of its line, or once for every item of a list in it
CHANGES: Final[dict[str, tuple[tuple[str, str | None], ...]]] = {
    BEGINNING: (),
    "enter": (
        (
            "INSERT INTO rounds (unit, version, file, sha256, entered_on)"
            " VALUES (:unit, :version, :file, :sha256, :day)",
            None,
        ),
    ),
    "settle": (
        (
            "UPDATE rounds SET status = :status, must_fix = :must_fix, explain = :explain, note = :note,"
            " returned = :returned WHERE unit = :unit AND version = :version",
            None,
        ),
    ),
    "give_back": (("UPDATE rounds SET returned_on = :day WHERE unit = :unit AND version = :version", None),),
    "event": (("INSERT INTO events (day, verb, unit, text) VALUES (:day, :verb, :unit, :text)", None),),
    "receive": (
        (
            "INSERT INTO receipts"
            " (number, id, place, uid, message_id, sender, received_at, subject, outcome, day, remarks) VALUES"
            " (:receipt, :id, :place, :uid, :message_id, :sender, :received_at, :subject, :outcome, :day, :remarks)",
            None,
        ),
        (
            "INSERT INTO enclosures (receipt, position, name, way, sha256, file, unit, outcome, code)"
            " VALUES (:receipt, :position, :name, :way, :sha256, :file, :unit, :outcome, :code)",
            "enclosures",
        ),
    ),
    "send": (
        (
            "INSERT INTO dispatches (kind, unit, content, message_id, recipients, subject, state, day, reason)"
            " VALUES (:kind, :unit, :content, :message_id, :to, :subject, :state, :day, :reason)",
            None,
        ),
    ),
    "sent": (("UPDATE dispatches SET state = :state, day = :day, reason = '' WHERE message_id = :message_id", None),),
    "refused": (
        ("UPDATE dispatches SET state = :state, day = :day, reason = :reason WHERE message_id = :message_id", None),
    ),
    "again": (
        (
            "UPDATE dispatches SET state = :state, day = :day, reason = '', recipients = :to"
            " WHERE message_id = :message_id",
            None,
        ),
    ),
    "seal": (
        (
            "INSERT INTO seals (number, day, as_of, mappings, review, package, sha256, lifted_on, reason)"
            " VALUES (:seal, :day, :as_of, :mappings, :review, :package, :sha256, NULL, '')",
            None,
        ),
        ("INSERT INTO sealed_files (seal, unit, sha256) VALUES (:seal, :unit, :sha256)", "files"),
    ),
    "lift": (("UPDATE seals SET lifted_on = :day, reason = :reason WHERE number = :seal", None),),
}
