"""The receipt of the import as a part of the document, and what it says about quality."""

from __future__ import annotations

from collections.abc import Iterator

from mgrec_core.data.receipt import read_receipt
from mgrec_core.quality.document import Finding, Part, Receipt, Section
from mgrec_core.quality.snapshot import Snapshot
from mgrec_core.quality.wording import graded, number, part_of, share, short

KEY = "receipt"


def receipt_of(data: Snapshot) -> Receipt:
    """Files, rules that applied (most rows first) and their example rows."""
    files, reasons, examples = read_receipt(data.connection)
    return Receipt(files=files, reasons=reasons, examples=examples)


def check(receipt: Receipt) -> Part:
    """Rows read, repaired and rejected; findings where something was lost."""
    read, repaired, rejected = (
        sum(getattr(f, name) for f in receipt.files) for name in ("read", "repaired", "rejected")
    )
    section = Section(
        key=KEY,
        title="Receipt of the import",
        about="What was read, and by which rule rows were repaired or rejected; accepted + repaired + "
        "rejected = read.",
        absent="" if receipt.files else "This workspace keeps no receipt of an import.",
        numbers=(
            number("read", "rows read", read, "rows of all files"),
            number(
                "repaired", "repaired", share(repaired, read), "rows changed and kept / rows read", "share"
            ),
            number("rejected", "rejected", share(rejected, read), "rows left out / rows read", "share"),
        ),
    )
    return section, (*_rejected(receipt), *_repeated(receipt), *_undated(receipt))


def _rejected(receipt: Receipt) -> Iterator[Finding]:
    """Rows that are nowhere in the workspace; those that say again what another row says are not lost."""
    for file in receipt.files:
        rules = [
            r for r in receipt.reasons if r.file == file.file and r.action == "rejected" and not r.repeats
        ]
        rejected = min(file.rejected, sum(r.count for r in rules))
        lost = share(rejected, file.read)
        if lost < 0.02:
            continue
        said = "; ".join(f"{r.count:,} {r.rule}" for r in rules[:4])
        yield Finding(
            check="rejected_rows",
            section=KEY,
            severity=graded(lost, high=0.5, medium=0.1),
            title=f"Rows of {short(file.file, 60)} were left out",
            value=lost,
            number=part_of(rejected, file.read, "rows"),
            definition="rows left out by the import's rules, but for those that repeat another / rows of the "
            "file",
            meaning=f"What they said is not in the workspace. By rule: {said}.",
            remedy="Look at the example rows in the receipt: right if these are no events of "
            "people and products, "
            "else fix the file or the mapping and import again.",
        )


def _repeated(receipt: Receipt) -> Iterator[Finding]:
    """Events that are there twice; that the rows of orders repeat their products is as it should be."""
    for file in receipt.files:
        again = sum(r.count for r in receipt.reasons if r.file == file.file and r.rule == "duplicate_event")
        if share(again, file.read) < 0.02:
            continue
        yield Finding(
            check="repeated_rows",
            section=KEY,
            severity=graded(share(again, file.read), medium=0.5),
            title=f"Rows of {short(file.file, 60)} are there more than once",
            value=share(again, file.read),
            number=part_of(again, file.read, "rows"),
            definition="dated events equal to one before in every column / rows of the file",
            meaning="Each was counted once: nothing is lost if they were exported or appended twice, and too "
            "little is counted if they are separate events of one second.",
            remedy="If they are separate events, give them a column that tells them apart (an order or "
            "event id), or switch the rule duplicate_event off.",
        )


def _undated(receipt: Receipt) -> Iterator[Finding]:
    """Rows with a time that could not be used, against the rows of their file."""
    for file in receipt.files:
        refused = [r for r in receipt.reasons if r.file == file.file and r.undates]
        dates = sum(r.count for r in refused)
        if not dates:
            continue
        said = "; ".join(f"{r.count:,}: {r.explanation}" for r in refused)
        yield Finding(
            check="impossible_dates",
            section=KEY,
            severity=graded(share(dates, file.read), high=0.5, medium=0.01, low=0.001),
            title=f"Times of {short(file.file, 60)} were refused",
            value=share(dates, file.read),
            number=part_of(dates, file.read, "rows"),
            definition="rows whose time could not be read, or lies in the future or impossibly early; they "
            "were kept undated / rows of the file",
            meaning=f"These rows do not count as recent and are not held out by time. {said}.",
            remedy="Look at the example rows in the receipt, and say how the times are written "
            "(the form of the column timestamp in a mapping); milliseconds read as seconds lie in the "
            "future.",
        )
