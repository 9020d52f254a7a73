"""Whatever a file asks for, it harms the process that reads it and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from mgrec_core.cli.main import main
from mgrec_core.data.confined import LOOKING, Limits, importing, looking, previewing
from mgrec_core.data.look import look
from mgrec_core.foundation.errors import Cancelled, InputError
from mgrec_core.workspace import uploads
from tests.data.confined import hostile
from tests.support import write_shop


def resident() -> int:
    """Bytes that this process holds in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def gone(pid: int) -> bool:
    """Whether a process has ended, or is only waited for."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return True


@pytest.mark.parametrize("name", hostile.FILES)
def test_an_upload_harms_only_its_reader(name: str, tmp_path: Path) -> None:
    write, refused = hostile.FILES[name]
    write(tmp_path / name)
    with (tmp_path / name).open("rb") as content:
        folder = uploads.receive(tmp_path, [(name, content)], "upload")
    before = resident()
    pids, problem = [], ""
    reading = looking(folder, "upload", [], unpack=True)
    pids.append(reading.pid)
    try:
        found = reading.result()
        trying = previewing(folder, found.mapping, None if found.mapping else found.format)
        pids.append(trying.pid)
        trying.result()
    except InputError as error:
        problem = str(error)
    assert "\n" not in problem and "Traceback" not in problem
    assert problem or not refused
    assert all(gone(pid) for pid in pids)
    assert resident() - before < 50 << 20


def test_what_a_look_and_a_preview_find_is_what_they_find_here(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    assert looking(shop, "shop", []).result() == look(shop, "shop", [])
    (tmp_path / "odd.csv").write_text("customer,sku,ordered\na,x,2024-01-02\nb,y,2024-01-03\n")
    found = looking(tmp_path / "odd.csv", "odd", []).result()
    assert found == look(tmp_path / "odd.csv", "odd", []) and found.mapping is not None
    seen = previewing(tmp_path / "odd.csv", found.mapping).result()
    assert seen.report.counts["events"] == 2 and len(seen.frames["events"]) == 2


def test_a_known_format_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    hostile.endless_view(tmp_path / "shop.sqlite")
    found = looking(tmp_path, "shop", []).result()
    assert found.format == "database" and not found.personal
    assert "shop.sqlite [interactions] gave no rows within 5 s" in found.problem


def test_a_file_alone_in_an_upload_is_named(tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    hostile.far_cell(tmp_path / "given" / "far.xlsx")
    with pytest.raises(InputError, match=r"^far\.xlsx needs more than"):
        looking(tmp_path / "given", "given", []).result()


def test_a_limit_of_memory_and_of_time_is_named(tmp_path: Path) -> None:
    shop = write_shop(tmp_path / "shop")
    with pytest.raises(InputError, match="shop needs more than 32 MB of memory"):
        looking(shop, "shop", [], limits=Limits(60, 32, 64)).result()
    with pytest.raises(InputError, match=r"shop was not read within 0\.01 s"):
        looking(shop, "shop", [], limits=Limits(0.01, LOOKING.memory_mb, 64)).result()
    (tmp_path / "wide").mkdir()
    wide = ",".join(f"{n}" * 40 for n in range(100))
    (tmp_path / "wide" / "x.csv").write_text(f"{wide}\n" + f"{wide}\n" * 200)
    with pytest.raises(InputError, match="holds more than can be shown"):
        looking(tmp_path / "wide", "wide", [], limits=Limits(60, LOOKING.memory_mb, 64, 0)).result()


@pytest.mark.parametrize("ending", ["cancel", "time"])
def test_a_reading_that_is_ended_leaves_no_temporary_files(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.endless_view(tmp_path / "x.sqlite")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    reading = looking(
        tmp_path / "x.sqlite", "x", [], limits=Limits(60 if ending == "cancel" else 4, LOOKING.memory_mb, 64)
    )
    while reading.running and not [*tmp_path.glob("temporary/*/*")]:
        time.sleep(0.01)
    if ending == "cancel":
        reading.cancel()
    with pytest.raises((Cancelled, InputError)):
        reading.result()
    assert not [*(tmp_path / "temporary").iterdir()]


def test_a_cancelled_reading_is_gone(tmp_path: Path) -> None:
    hostile.endless_view(tmp_path / "x.sqlite")
    reading = looking(tmp_path / "x.sqlite", "x", [])
    reading.cancel()
    with pytest.raises(Cancelled, match="nothing was changed"):
        reading.result()
    assert gone(reading.pid) and not reading.running


def test_progress_is_told_and_may_end_the_reading(tmp_path: Path) -> None:
    shop, told = write_shop(tmp_path / "shop"), []
    importing(shop, tmp_path / "x.duckdb", progress=lambda *one: told.append(one), key=tmp_path).result()
    assert told[0] == ("import", 0, 4, "items.csv") and told[-1][1] == told[-1][2]

    def refuse(*_: object) -> None:
        raise Cancelled("enough")

    reading = importing(shop, tmp_path / "y.duckdb", progress=refuse, key=tmp_path)
    with pytest.raises(Cancelled, match="enough"):
        reading.result()
    assert gone(reading.pid)


def test_a_reading_ends_with_who_asked_for_it(tmp_path: Path) -> None:
    hostile.endless_view(tmp_path / "x.sqlite")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    asker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom pathlib import Path\nfrom mgrec_core.data.confined import looking\n"
            "print(looking(Path(sys.argv[1]), 'x', []).pid, flush=True)\ntime.sleep(600)",
            str(tmp_path / "x.sqlite"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    assert asker.stdout is not None
    with contextlib.closing(asker.stdout):
        reader = int(asker.stdout.readline())
        assert not gone(reader)
        asker.send_signal(signal.SIGKILL)
        asker.wait()
    for _ in range(600):  # far longer than it takes
        if gone(reader):
            assert not [*temporary.iterdir()]
            return
        time.sleep(0.1)
    raise AssertionError("the reader outlived its asker")


def test_the_command_line_is_told_and_loses_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(tmp_path / "w")]
    hostile.far_cell(tmp_path / "far.xlsx")
    (tmp_path / "m.yaml").write_text(
        "tables: [{table: interactions, file: 'far.xlsx [orders]', columns: {user_id: '1', item_id: '2'}}]"
    )
    for command in (
        ["mapping", str(tmp_path / "far.xlsx"), *where],
        ["import", str(tmp_path / "far.xlsx"), *where, "--mapping", str(tmp_path / "m.yaml")],
    ):
        assert main(command) == 2
        said = capfd.readouterr().err.strip().splitlines()[-1]
        assert said.startswith("mgrec: far.xlsx needs more than") and "--trusted" in said
        assert not (tmp_path / "w").exists()
    shop = write_shop(tmp_path / "shop")
    assert main(["import", str(shop), *where]) == 0
    before = (tmp_path / "w" / "mgrec.duckdb").read_bytes()
    assert main(["import", str(tmp_path / "far.xlsx"), *where, "--mapping", str(tmp_path / "m.yaml")]) == 2
    assert (tmp_path / "w" / "mgrec.duckdb").read_bytes() == before
    assert not (tmp_path / "w" / ".part").exists()


@pytest.mark.parametrize("trusted", [[], ["--trusted"]])
def test_an_import_apart_makes_the_same_tables(
    trusted: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from mgrec_core import import_data

    shop = write_shop(tmp_path / "shop")
    here = import_data(tmp_path / "here", shop)
    assert main(["import", str(shop), "--workspace", str(tmp_path / "there"), "--json", *trusted]) == 0
    found = json.loads(capfd.readouterr().out)
    assert {name: found[name] for name in here.to_dict()} == here.to_dict()
