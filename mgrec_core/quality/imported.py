"""The receipt of the import as a part of the document, and what it says about quality."""

from __future__ import annotations

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
    """Rows read, repaired and rejected; a finding when much was rejected or dates were refused."""
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
    findings = []
    for file in receipt.files:
        lost = share(file.rejected, file.read)
        if lost < 0.02:
            continue
        rules = [r for r in receipt.reasons if r.file == file.file and r.action == "rejected"]
        said = "; ".join(f"{r.count:,} {r.rule}" for r in rules[:4])
        findings.append(
            Finding(
                check="rejected_rows",
                section=KEY,
                severity=graded(lost, high=0.5, medium=0.1),
                title=f"Rows of {short(file.file, 60)} were rejected",
                value=lost,
                number=part_of(file.rejected, file.read, "rows"),
                definition="rows left out by the import's rules / rows of the file",
                meaning=f"What they said is not in the workspace. By rule: {said}."
                if said
                else "What they said is not in the workspace.",
                remedy="Look at the example rows in the receipt: right if these are no events of "
                "people and products, "
                "else fix the file and import again.",
            )
        )
    dates = sum(r.count for r in receipt.reasons if r.rule == "impossible_date")
    if dates:
        findings.append(
            Finding(
                check="impossible_dates",
                section=KEY,
                severity=graded(share(dates, read), medium=0.01),
                title="Dates were refused",
                value=share(dates, read),
                number=part_of(dates, read, "rows"),
                definition="rows with a date in the future or impossibly early; they were kept undated "
                "/ rows read",
                meaning="These rows do not count as recent and are not held out by time.",
                remedy="Check the unit (milliseconds read as seconds) and the format of the dates in "
                "the file.",
            )
        )
    return section, tuple(findings)
