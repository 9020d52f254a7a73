"""Claims and the file give a role; the table says what a role may do."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mgrec_core.service.access import Access
from mgrec_core.service.rights import NEEDED, SWITCHES, Role
from pages.ui.address.page import pages

ROLES = list(Role)


def of(**content: object) -> Access:
    return Access.model_validate(content)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", NEEDED)
def test_each_cell_of_the_table(action: str, role: Role) -> None:
    rights = of(people={"ann": role.word}).rights({"sub": "ann"})
    allowed = role >= NEEDED[action]
    assert rights.may(action, "shop") is allowed
    assert bool(rights.why_not(action, "shop")) is not allowed


def test_every_page_stands_in_the_table_and_what_does_not_needs_an_admin() -> None:
    assert {f"page {page.name}" for page in pages()} == {a for a in NEEDED if a.startswith("page ")}
    assert not of(default="analyst").rights({}).may("page other")


@pytest.mark.parametrize("key", SWITCHES)
@pytest.mark.parametrize("role", ROLES[1:])
def test_switches_set_the_role_of_sql_and_imports(key: str, role: Role) -> None:
    access = of(**{key: role.word}, people={r.word: r.word for r in ROLES})
    for other in ROLES:
        for action in SWITCHES[key]:
            assert access.rights({"sub": other.word}).may(action) is (other >= role)


def test_a_persons_entry_counts_more_than_claims_and_of_claims_the_highest() -> None:
    access = of(
        default="viewer", values={"staff": "analyst", "ops": "admin"},
        people={"ann@example.org": "none", "bob": "viewer"},
    )  # fmt: skip
    assert access.rights({"sub": "x", "groups": ["staff", "ops"]}).role() is Role.ADMIN
    assert access.rights({"sub": "x", "groups": "staff"}).role() is Role.ANALYST
    assert access.rights({"sub": "bob", "groups": ["ops"]}).role() is Role.VIEWER
    assert access.rights({"sub": "x", "groups": [{"ops": 1}, 3, None]}).role() is Role.VIEWER
    ann = {"sub": "y", "email": "Ann@Example.org", "groups": ["ops"]}
    assert access.rights(ann | {"email_verified": True}).role() is Role.NONE


def test_an_email_that_the_provider_does_not_call_verified_is_nobodys() -> None:
    people = {"ann@example.org": "admin"}
    claims = {"sub": "x", "email": "ann@example.org"}
    assert of(people=people).rights(claims).role() is Role.NONE
    assert of(people=people).rights(claims | {"email_verified": "true"}).role() is Role.NONE
    assert of(people=people, unverified_emails=True).rights(claims).role() is Role.ADMIN


def test_a_workspace_can_give_more_or_less_than_everywhere() -> None:
    access = of(
        default="viewer", people={"ann": "admin"},
        workspaces={
            "pay": {"default": "none", "people": {"bob": "admin"}},
            "shop": {"values": {"s": "analyst"}},
        },
    )  # fmt: skip
    ann, bob = access.rights({"sub": "ann"}), access.rights({"sub": "bob", "groups": ["s"]})
    assert (ann.role("pay"), ann.role("shop"), ann.role()) == (Role.NONE, Role.ADMIN, Role.ADMIN)
    assert (bob.role("pay"), bob.role("shop"), bob.role("x")) == (Role.ADMIN, Role.ANALYST, Role.VIEWER)


@pytest.mark.parametrize(
    "text",
    [
        "default: root", "people: {ann: Admin}", "people: {ann: 3}", "sql: none", "typo: 1", "[1]", "a: [",
        "session: {idle_minutes: 0}", "session: {absolute_hours: .nan}", "default: yes", "\x00",
        "workspaces: {shop: admin}", "a: " + "[" * 3000,
    ],
)  # fmt: skip
def test_a_damaged_file_closes_everything_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "access.yaml").write_text(text + "\n")
    found = Access.load(tmp_path / "access.yaml")
    assert found.problem and "\n" not in found.problem
    assert found.rights({"sub": "ann"}).highest is Role.NONE


def test_a_missing_file_closes_everything(tmp_path: Path) -> None:
    assert Access.load(tmp_path / "access.yaml").rights({"sub": "ann"}).highest is Role.NONE


def test_the_example_is_read_as_it_stands() -> None:
    example = Path(__file__).resolve().parents[2] / "docs" / "access.example.yaml"
    found = Access.load(example)
    assert not found.problem
    assert set(yaml.safe_load(example.read_text())) == set(Access.model_fields)
