"""The receipt of an import, as the Overview folds it away and the data quality page shows it."""

from __future__ import annotations

import streamlit as st

from pages.ui import text
from pages.ui.imported.facts import Receipt

_ACTIONS = {
    "rejected": "Rejected: not in the workspace",
    "repaired": "Repaired: changed and kept",
    "read": "Columns: what each was taken to be",
    "ignored": "Ignored: columns and files that are not used",
    "dropped": "Personal data: columns left out",
    "hashed": "Personal data: now pseudonyms",
    "masked": "Personal data: hidden within text",
    "kept": "Personal data: kept as it is",
    "switched off": "Rules switched off for this import",
}


def folded(receipt: Receipt) -> None:
    """Show the totals, and the whole receipt when opened."""
    with st.expander(_title(receipt), icon=":material/receipt_long:"):
        show(receipt)


def show(receipt: Receipt) -> None:
    """Show the files, then every rule that applied with its example rows, rejected rows first."""
    st.html(_files_table(receipt))
    if not receipt.reasons:
        st.caption("Nothing had to be repaired or rejected.")
    for action, title in _ACTIONS.items():
        reasons = [reason for reason in receipt.reasons if reason[2] == action]
        if reasons:
            st.html(f'<h3 class="mg-h3">{text.html(title)}</h3>')
        for file, rule, _, count, explanation in reasons:
            head = f"<b>{text.html(file)}</b>: {count:,} {text.html(action)} "
            if action == "switched off":
                head = "not applied to any file: "
            st.html(f'{head}<span class="mg-muted">{text.html(rule)}</span><br>{text.html(explanation)}')
            rows = receipt.examples.get((file, rule), ())
            if rows:
                lines = [f"row {n}: {content}" if n is not None else content for n, content in rows[:5]]
                st.code(text.one_per_line(lines), language=None, wrap_lines=True)


def _title(receipt: Receipt) -> str:
    read = sum(f[2] for f in receipt.files)
    repaired = sum(f[4] for f in receipt.files)
    rejected = sum(f[5] for f in receipt.files)
    return f"Receipt of the import: {read:,} rows read, {repaired:,} repaired, {rejected:,} rejected"


def _files_table(receipt: Receipt) -> str:
    body = "".join(
        f"<tr><td>{text.html(f[0])}</td><td>{text.html(f[1])}</td>"
        + "".join(f'<td class="num">{n:,}</td>' for n in f[2:])
        + "</tr>"
        for f in receipt.files
    )
    heads = "".join(f'<th class="num">{h}</th>' for h in ("Read", "Accepted", "Repaired", "Rejected"))
    head = f"<thead><tr><th>File</th><th>Into</th>{heads}</tr></thead>"
    return f'<table class="mg-table">{head}<tbody>{body}</tbody></table>'
