"""The command line as programs and people use it: one JSON document, or one line that says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mgrec_core.cli.main import main
from mgrec_core.export.naming import file_stem
from mgrec_core.model.granularities import GRANULARITIES
from mgrec_core.workspace.folder import Workspace
from tests.worlds import full

ROOT = Path(__file__).resolve().parents[2]


def run(
    *arguments: object, environment: dict[str, str] | None = None, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mgrec_core", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def document(*arguments: object, **options: Any) -> dict[str, Any]:
    """The one JSON document on stdout."""
    done = run(*arguments, "--json", **options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n") and done.stdout.count("\n") == 1
    found = json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert isinstance(found, dict)
    return found


# Documents, by real processes


def test_import_and_build_from_nothing(tmp_path: Path) -> None:
    source, workspace = full().write(tmp_path / "source"), tmp_path / "new" / "workspace"
    imported = document("import", source, "--workspace", workspace)
    assert {"workspace", "dataset", "format", "counts", "files", "reasons"} <= set(imported)
    assert imported["format"] == "canonical" and imported["counts"]["users"] == 24
    progress = tmp_path / "progress.json"
    built = document(
        "build", "--workspace", workspace, "--no-map", environment={"MGREC_PROGRESS_FILE": str(progress)}
    )
    assert built["changed"] is True and list(built["granularities"]) == list(GRANULARITIES)
    assert all(g["present"] and g["reason"] for g in built["granularities"].values())
    told = json.loads(progress.read_text())
    assert set(told) == {"stage", "done", "total", "detail"} and told["done"] == told["total"]
    again = document("build", "--workspace", workspace, "--no-map")
    assert again["changed"] is False and again["build"] == built["build"]


def test_info(built_world: Workspace) -> None:
    info = document("info", "--workspace", built_world.path)
    assert {"workspace", "dataset", "build", "model", "counts", "granularities"} <= set(info)
    assert info["build"] == built_world.current_build and info["stale"] is False
    assert all(set(g) == {"present", "reason"} for g in info["granularities"].values())
    assert list(info["granularities"]) == list(GRANULARITIES)


def test_rank_and_explain(built_world: Workspace) -> None:
    ranked = document("rank", "--workspace", built_world.path, "--user", "日本", "--k", 4)
    assert {"user_id", "k", "weights", "items"} <= set(ranked)
    assert ranked["user_id"] == "日本" and ranked["k"] == 4 and len(ranked["items"]) == 4
    for n, item in enumerate(ranked["items"], start=1):
        assert set(item) == {"rank", "item_id", "title", "score", "contributions"} and item["rank"] == n
        assert sum(item["contributions"].values()) == pytest.approx(item["score"], abs=1e-5)
        assert list(item["contributions"]) == list(ranked["weights"]) == list(GRANULARITIES)
    third = ranked["items"][2]
    why = document("explain", "--workspace", built_world.path, "--user", "日本", "--item", third["item_id"])
    assert {"user_id", "item_id", "score", "rank", "contributions", "evidence", "baseline"} <= set(why)
    assert why["rank"] == 3 and why["score"] == pytest.approx(third["score"])
    for g, total in why["contributions"].items():
        values = [e["value"] for e in why["evidence"][g]]
        assert all({"kind", "id", "label", "value"} <= set(e) for e in why["evidence"][g])
        assert sum(values) + why["baseline"][g] == pytest.approx(total, abs=1e-5)


def test_a_weight_for_the_base_is_told(built_world: Workspace, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["rank", "--workspace", str(built_world.path), "--user", "u00", "--json", "--quiet"]
    assert main([*arguments, "--weights", "collaborative=0.3,recent=0.4"]) == 0
    told = capfd.readouterr()
    assert json.loads(told.out)["weights"]["collaborative"] == 1.0
    assert told.err.strip().splitlines() == [
        "note: collaborative is the base, so its weight is 1, not 0.3; --base chooses another"
    ]
    assert main([*arguments, "--weights", "recent=0.4"]) == 0
    assert capfd.readouterr().err == ""


def test_recommend_writes_what_rank_says(built_world: Workspace, tmp_path: Path) -> None:
    users, out = tmp_path / "users.csv", tmp_path / "recs.parquet"
    users.write_text('user_id\n"a b"\nu00\n1.0\nu00\n', encoding="utf-8-sig")
    options = ("--workspace", built_world.path, "--weights", "recent=0.3,social=0")
    told = document("recommend", *options, "--k", 3, "--out", out, "--users", users)
    assert told["users"] == 3 and told["rows"] == 9 and told["weights"]["recent"] == 0.3
    assert not list(tmp_path.glob("*.part"))
    table = pq.read_table(out)
    assert table.column_names[:4] == ["user_id", "item_id", "rank", "score"]
    rows = table.to_pandas()
    assert rows["user_id"].drop_duplicates().tolist() == ["a b", "u00", "1.0"]
    ranked = document("rank", *options, "--user", "u00", "--k", 3)
    mine = rows[rows["user_id"] == "u00"]
    assert mine["item_id"].tolist() == [i["item_id"] for i in ranked["items"]]
    for g in GRANULARITIES:
        assert mine[f"contribution_{g}"].tolist() == pytest.approx(
            [i["contributions"][g] for i in ranked["items"]], abs=1e-5
        )


def test_recommend_is_for_everyone_with_history(own_world: Workspace, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "recs.parquet"
    assert (
        main(["recommend", "--workspace", str(own_world.path), "--out", str(out), "--json", "--quiet"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    rows = pd.read_parquet(out)
    assert told["users"] == rows["user_id"].nunique() == 22 and told["rows"] == len(rows) == 22 * 20


def test_export(built_world: Workspace, tmp_path: Path) -> None:
    told = document(
        "export",
        "--workspace",
        built_world.path,
        "--user",
        "it's",
        "--out",
        tmp_path / "a" / "b",
        "--format",
        "csv,json",
    )
    files = [Path(name) for name in told["files"]]
    name = file_stem("it's")
    stem = f"user-{name}_{built_world.path.name}"
    ends = (".json", "-ranked.csv", "-evidence.csv", "-interests.csv", "-about.csv")
    assert [f.name for f in files] == [f"{stem}{end}" for end in ends]
    exported = json.loads(files[0].read_text(encoding="utf-8"))
    ranked = pd.read_csv(files[1], dtype={"item_id": str}, keep_default_na=False)
    assert ranked["item_id"].tolist() == [i["item_id"] for i in exported["ranked"]["items"]]
    evidence = pd.read_csv(files[2])
    assert evidence.groupby("rank")["value"].sum().tolist() == pytest.approx(
        ranked["score"].tolist(), abs=1e-5
    )


def test_project(own_world: Workspace) -> None:
    told = document("project", "--workspace", own_world.path, "--of", "items", "--granularity", "attribute")
    assert Path(told["projection"]).is_file() and told["of"] == "items"


def test_people_get_tables(built_world: Workspace) -> None:
    for command in (("rank", "--user", "u00"), ("explain", "--user", "u00", "--item", "i01"), ("info",)):
        done = run(command[0], "--workspace", built_world.path, *command[1:])
        assert done.returncode == 0 and done.stderr == "" and len(done.stdout.splitlines()) > 5
        assert "\x1b" not in done.stdout and "Traceback" not in done.stdout


def test_another_locale_writes_the_same(built_world: Workspace) -> None:
    arguments = ("rank", "--workspace", built_world.path, "--user", "u00", "--json", "--k", 40)
    plain = run(*arguments)
    ascii_ = run(*arguments, environment={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert plain.returncode == ascii_.returncode == 0
    assert plain.stdout == ascii_.stdout and "日本" in plain.stdout


def test_hostile_titles_do_not_steer_the_terminal(tmp_path: Path, capsys: Any) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "items.csv").write_text(
        'item_id,title\nx,a\ny,"\x1b[31mred [bold]b[/] \x07"\nz,c\n', encoding="utf-8"
    )
    (source / "interactions.csv").write_text("user_id,item_id\na,x\na,z\nb,x\nb,y\n", encoding="utf-8")
    workspace = str(tmp_path / "w")
    assert main(["import", str(source), "--workspace", workspace, "--quiet"]) == 0
    assert main(["build", "--workspace", workspace, "--no-map", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["rank", "--workspace", workspace, "--user", "a"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\x07" not in shown and "[bold]b[/]" in shown


def test_help_tells_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    for name in (
        "import",
        "build",
        "info",
        "rank",
        "recommend",
        "explain",
        "evaluate",
        "experiments",
        "tune",
        "export",
        "project",
    ):
        assert name in done.stdout


def test_a_closed_pipe_is_no_error(built_world: Workspace) -> None:
    command = f"{sys.executable} -m mgrec_core rank --workspace {built_world.path} --user u00 --json | true"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""


# Bad input: exit 2, one line that names the thing

Make = Callable[[Workspace, Path], list[object]]


def on(command: str, *arguments: object) -> Make:
    return lambda workspace, folder: [
        command,
        "--workspace",
        workspace.path,
        *(str(a).format(folder=folder) if isinstance(a, str) else a for a in arguments),
    ]


def rank(*arguments: object) -> Make:
    return on("rank", "--user", "u00", *arguments)


def after(prepare: Callable[[Workspace, Path], object], make: Make) -> Make:
    def both(workspace: Workspace, folder: Path) -> list[object]:
        prepare(workspace, folder)
        return make(workspace, folder)

    return both


def write(name: str, content: bytes) -> Callable[[Workspace, Path], object]:
    return lambda workspace, folder: (folder / name).write_bytes(content)


PROGRESS = ("build", "evaluate", "import", "project")
"""Commands that may have said what they were at before they found the fault."""

RECS = ("--out", "{folder}/recs.parquet")

BAD: dict[str, tuple[Make, str]] = {
    "no command": (lambda w, f: [], "COMMAND"),
    "unknown command": (lambda w, f: ["advise"], "advise"),
    "unknown option": (rank("--length", "3"), "--length"),
    "no workspace": (lambda w, f: ["rank", "--user", "u00"], "--workspace"),
    "empty workspace": (lambda w, f: ["rank", "--user", "u00", "--workspace", ""], "workspace"),
    "missing workspace": (lambda w, f: ["info", "--workspace", f / "none"], "none does not exist"),
    "workspace is a file": (
        after(write("file", b"x"), lambda w, f: ["info", "--workspace", f / "file"]),
        "file is a file",
    ),
    "workspace is no UTF-8": (
        after(lambda w, f: (f / "\udcff").mkdir(), lambda w, f: ["info", "--workspace", f / "\udcff"]),
        "import SOURCE",
    ),
    "not imported": (
        after(lambda w, f: (f / "empty").mkdir(), lambda w, f: ["build", "--workspace", f / "empty"]),
        "holds no data yet",
    ),
    "not built": (after(lambda w, f: (w.vectors / "CURRENT").unlink(), rank()), "is not built yet"),
    "no user": (on("rank"), "--user"),
    "unknown user": (on("rank", "--user", "nobody"), "nobody"),
    "user of several lines": (on("rank", "--user", "a\nb"), "unknown user"),
    "unknown item": (on("explain", "--user", "u00", "--item", "none"), "none"),
    "unknown preset": (rank("--preset", "mine"), "mine"),
    "unknown base": (rank("--base", "mine"), "mine"),
    "unknown granularity": (rank("--weights", "mine=1"), "mine"),
    "weights are no numbers": (rank("--weights", "recent=much"), "recent=much"),
    "weights are NaN": (rank("--weights", "recent=nan"), "recent"),
    "weights of the base are NaN": (rank("--weights", "collaborative=nan"), "collaborative"),
    "weights are infinite": (rank("--weights", "recent=inf"), "recent"),
    "weights above 1": (rank("--weights", "recent=1.5"), "recent is 1.5"),
    "weights below 0": (rank("--weights", "recent=-0.1"), "recent is -0.1"),
    "weights twice": (rank("--weights", "recent=0.1,recent=0.2"), "twice"),
    "weights without a name": (rank("--weights", "0.3"), "0.3"),
    "unknown fusion": (rank("--fusion", "late"), "late"),
    "negative alpha": (rank("--fusion", "concat", "--alpha", "recent=-1"), "recent"),
    "alpha of nothing": (rank("--fusion", "concat", "--alpha", "recent=0"), "α"),
    "k is zero": (rank("--k", "0"), "k is 0"),
    "k is negative": (rank("--k", "-3"), "k is -3"),
    "k is no number": (rank("--k", "abc"), "abc"),
    "k is a fraction": (rank("--k", "1.5"), "1.5"),
    "recommend nothing": (on("recommend", "--k", "0", *RECS), "k is 0"),
    "users file is missing": (on("recommend", *RECS, "--users", "{folder}/none"), "none does not exist"),
    "users file is a folder": (on("recommend", *RECS, "--users", "{folder}"), "cannot be read"),
    "users file is binary": (
        after(write("users", b"\xff\xfe\x00"), on("recommend", *RECS, "--users", "{folder}/users")),
        "UTF-8",
    ),
    "users file is empty": (
        after(write("users", b"user_id\n\n"), on("recommend", *RECS, "--users", "{folder}/users")),
        "names no user",
    ),
    "users file names a stranger": (
        after(write("users", b"u00\nnobody\n"), on("recommend", *RECS, "--users", "{folder}/users")),
        "nobody",
    ),
    "out in a missing folder": (on("recommend", "--out", "{folder}/none/recs.parquet"), "cannot be written"),
    "out promises another format": (on("recommend", "--out", "{folder}/recs.CSV"), "name it recs.parquet"),
    "out is a folder": (on("recommend", "--out", "{folder}"), "no file name"),
    "out below a file": (
        after(write("file", b"x"), on("recommend", "--out", "{folder}/file/recs.parquet")),
        "cannot be written",
    ),
    "out is empty": (on("recommend", "--out", ""), "--out"),
    "export of an unknown format": (
        on("export", "--user", "u00", "--out", "{folder}/x", "--format", "docx"),
        "docx",
    ),
    "export of no format": (
        on("export", "--user", "u00", "--out", "{folder}/x", "--format", ","),
        "--format",
    ),
    "export below a file": (
        after(write("file", b"x"), on("export", "--user", "u00", "--out", "{folder}/file/x")),
        "cannot be written",
    ),
    "missing model": (on("build", "--model", "{folder}/no-model"), "no-model"),
    "unreadable model": (
        after(lambda w, f: (f / "model").mkdir(), on("build", "--model", "{folder}/model")),
        "model",
    ),
    "missing config": (on("build", "--config", "{folder}/none.yaml"), "none.yaml"),
    "config is no YAML": (
        after(write("c.yaml", b"a: b: c"), on("build", "--config", "{folder}/c.yaml")),
        "c.yaml",
    ),
    "config has an unknown option": (
        after(write("c.yaml", b"recent: {halflife: 3}"), on("build", "--config", "{folder}/c.yaml")),
        "recent.halflife",
    ),
    "import of nothing": (lambda w, f: ["import", f / "none", "--workspace", f / "w"], "none"),
    "import of an unknown format": (
        lambda w, f: ["import", f, "--workspace", f / "w", "--format", "excel"],
        "excel",
    ),
    "import of an empty folder": (
        after(lambda w, f: (f / "s").mkdir(), lambda w, f: ["import", f / "s", "--workspace", f / "w"]),
        "format",
    ),
    "corrupt database": (after(lambda w, f: w.database.write_bytes(b"x"), on("info")), "mgrec.duckdb"),
    "corrupt database when built": (
        after(lambda w, f: w.database.write_bytes(b"x" * 5000), on("build")),
        "mgrec.duckdb",
    ),
    "corrupt state": (after(lambda w, f: w.state.write_bytes(b"x"), rank()), "state.duckdb"),
    "corrupt build": (
        after(lambda w, f: (w.vectors / str(w.current_build) / "seen.data.npy").write_bytes(b"x"), rank()),
        "seen.data.npy",
    ),
    "map of an unknown granularity": (on("project", "--granularity", "mine"), "mine"),
    "map of nothing": (on("project", "--of", "things"), "things"),
    "map of no neighbours": (on("project", "--neighbours", "0"), "n_neighbours"),
    "evaluation of an unknown split": (on("evaluate", "--split", "mine"), "mine"),
    "evaluation of everything": (on("evaluate", "--test-ratio", "2"), "2"),
    "evaluation by an unknown segment": (on("evaluate", "--segments", "mine"), "mine"),
    "an experiment that was never made": (on("experiments", "--id", "77"), "77"),
    "evaluation of nothing": (on("evaluate", "--k", "0"), "k is 0"),
    "tuning for an unknown metric": (on("tune", "--objective", "joy"), "joy"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_that_names_it(
    name: str, own_world: Workspace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, names = BAD[name]
    folder = tmp_path / "here"
    folder.mkdir()
    arguments = [str(a) for a in make(own_world, folder)]
    if arguments[1:]:
        arguments += ["--json"]
    code = main(arguments)
    out, err = capfd.readouterr()
    lines = err.splitlines()
    assert (code, out) == (2, "")
    assert lines[-1].startswith("mgrec: ") and names in lines[-1] and len(lines[-1]) < 700
    assert "Traceback" not in err and (len(lines) == 1 or arguments[0] in PROGRESS)
    assert not list(folder.rglob("*.part*"))
    assert not (folder / "w").exists()  # a refused import leaves nothing behind


@pytest.mark.parametrize(
    "name", ["unknown user", "no command", "missing model", "corrupt database", "k is no number"]
)
def test_bad_input_of_a_real_process(name: str, own_world: Workspace, tmp_path: Path) -> None:
    make, names = BAD[name]
    done = run(*make(own_world, tmp_path))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("mgrec: ") and names in done.stderr and done.stderr.count("\n") == 1


def test_a_progress_file_that_cannot_be_written_is_told(
    built_world: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MGREC_PROGRESS_FILE", str(tmp_path / "none" / "progress.json"))
    out = str(tmp_path / "recs.parquet")
    assert main(["recommend", "--workspace", str(built_world.path), "--out", out, "--quiet"]) == 2
    told = capfd.readouterr().err
    assert told.count("\n") == 1 and told.startswith("mgrec: ") and "none" in told
    assert list(tmp_path.iterdir()) == []


def test_faults_of_the_program_are_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    from mgrec_core.cli import building

    def broken(*_: object) -> dict[str, Any]:
        raise ZeroDivisionError

    monkeypatch.setattr(building, "run_info", broken)
    with pytest.raises(ZeroDivisionError):
        main(["info", "--workspace", "x"])
