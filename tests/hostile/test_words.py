"""What is typed: numbers and days that no calendar holds, bytes that are no text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.books import write
from tests.hostile.conftest import Draw

FAR = "9" * 5000


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["list", "--as-of", "0001-01-01"], "write a day from 1500 to 2999"),
        (["list", "--as-of", "9999-12-31"], "write a day from 1500 to 2999"),
        (["list", "--as-of", "20220218"], "write YYYY-MM-DD"),
        (["list", "--as-of", "2022-02-29"], "there is no day 2022-02-29"),
        (["backtest", "--from", "2022-01-01", "--to", "2022-02-01", "--every", f"{FAR}d"], "7d"),
        (["backtest", "--from", "2022-01-01", "--to", "2022-02-01", "--every", "²d"], "7d"),
        (["watch-for", "war", "--within", "99999d"], "write 7d"),
        (["whatif", "war", f"troops={FAR}@2022-02-20"], "number"),
        (["whatif", "war", "troops=1@9999-12-31"], "past the deadline"),
        (["observe", "troops", FAR, "--on", "2022-02-17"], "write it like 1500"),
        (["observe", "troops", "1", "--on", "2022-02-17", "--corrects", FAR], "integer"),
        (["predict", "war@2022-07-01", "nan"], "from 0 to 1"),
        (["predict", "war@2022-07-01", ".2", "--why", "caf\udce9"], "not UTF-8"),
        (["predict", "choice", "caf\udce9=.2"], "not UTF-8"),
        (["list", "--tag", "\udce9"], "not UTF-8"),
        (["show", "\udce9"], "there is no question"),
        (["show", "war@2022-13-01"], "write id@YYYY-MM-DD"),
        (
            ["resolve", "due", "no", "--source", "s", "--known", "2022-02-18T24:00"],
            "a day ends at 00:00",
        ),
    ],
)
def test_what_cannot_be_is_2_with_its_remedy(
    draw: Draw, tmp_path: Path, command: list[str], said: str
) -> None:
    done = draw(*command, "--book", write(tmp_path, "quiet"))
    assert done.code == 2, done.text
    assert said in " ".join(done.text.split())


def test_an_option_may_be_typed_in_either_form(draw: Draw, tmp_path: Path) -> None:
    """Some keyboards type é as two characters."""
    root = write(tmp_path, "caf\u00e9")
    words = ["cafe\u0301=.2", "other=.3", "neither=.5"]
    assert draw("predict", "choice", *words, "--book", root).code == 0
    assert "choice" in draw("list", "--tag", "cafe\u0301", "--book", root).text
