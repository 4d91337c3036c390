"""Where a page of a list begins: what we wrote is read again, and whatever else stands there is the beginning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services._pages import position
from tests.support.world import beijing


def test_what_was_written_is_read_again_also_with_a_plus_that_became_a_space() -> None:
    at = beijing("2022-01-04 10:00")
    for text in (f"{at.isoformat()}|abc", f"{at.isoformat()}|abc".replace("+", " ")):
        found = position(text)
        assert found is not None
        assert (found[0] - at, found[1]) == (timedelta(0), "abc")


@pytest.mark.parametrize(
    "text",
    ["", "|", "abc", "2022-01-04|x", "2022-01-04T10:00:00+08:00|", "2022-01-04T10:00:00|x"]
    + ["0001-01-01T00:00:00+14:00|x", "9999-12-31T23:59:59-14:00|x"],
)
def test_anything_else_is_the_beginning(text: str) -> None:
    assert position(text) is None
