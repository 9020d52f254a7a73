"""The receipt of an import, as the Overview folds it away and the data quality page shows it."""

from __future__ import annotations

import streamlit as st

from mgrec_core.data.receipt import Reason, ordered
from pages.ui import text
from pages.ui.imported.facts import Receipt

_ACTIONS = {
    "read as": "Read as: what values, columns and files were taken to mean",
    "rejected": "Rejected: not in the workspace",
    "repaired": "Repaired: changed and kept",
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
    """Show the files and what changes results with its example rows; the rest when asked for."""
    st.html(_files_table(receipt))
    if not receipt.reasons:
        st.caption("Nothing had to be repaired or rejected.")
        return
    told = [Reason(*reason) for reason in receipt.reasons]
    weighty = [reason for reason in told if reason.matters]
    _rules(receipt, weighty)
    rest = [reason for reason in told if not reason.matters]
    if not rest:
        return
    if not weighty:
        st.caption("No row is lost, undated or without a known id.")
    if st.toggle(f"What changes little: {len(rest)} more", key="receipt_rest"):
        _rules(receipt, rest)


def _rules(receipt: Receipt, told: list[Reason]) -> None:
    """Draw rules under a heading for each action, with their example rows."""
    for action, title in _ACTIONS.items():
        reasons = [reason for reason in told if reason.action == action]
        if reasons:
            st.html(f'<h3 class="mg-h3">{text.html(title)}</h3>')
        for reason in ordered(reasons):
            file, rule, count, explanation = reason.file, reason.rule, reason.count, reason.explanation
            head = f"<b>{text.html(file)}</b>: {count:,} {text.html(reason.said)} "
            if action == "switched off":
                head = "not applied to any file: "
            st.html(f'{head}<span class="mg-muted">{text.html(rule)}</span><br>{text.html(explanation)}')
            rows = receipt.examples.get((file, rule), ())
            if rows:
                lines = [f"row {n}: {content}" if n is not None else content for n, content in rows[:5]]
                st.code(text.one_per_line(lines), language=None, wrap_lines=True)


def _title(receipt: Receipt) -> str:
    read = sum(f[2] for f in receipt.files)
    accepted = sum(f[3] for f in receipt.files)
    repaired = sum(f[4] for f in receipt.files)
    rejected = sum(f[5] for f in receipt.files)
    used = f"{accepted + repaired:,} used ({repaired:,} of them repaired)"
    return f"Receipt of the import: {text.count(read, 'row')} read, {used}, {rejected:,} left out"


def _files_table(receipt: Receipt) -> str:
    body = "".join(
        f"<tr><td>{text.html(f[0])}</td><td>{text.html(f[1])}</td>"
        + "".join(f'<td class="num">{n:,}</td>' for n in (f[2], f[3] + f[4], f[4], f[5]))
        + "</tr>"
        for f in receipt.files
    )
    heads = "".join(f'<th class="num">{h}</th>' for h in ("Read", "Used", "Of these repaired", "Left out"))
    head = f"<thead><tr><th>File</th><th>Into</th>{heads}</tr></thead>"
    return f'<table class="mg-table">{head}<tbody>{body}</tbody></table>'
