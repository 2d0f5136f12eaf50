"""The judge of the emulated Pi's power cuts (packaging/pi) notices what it is there for, and the forgetful card forgets."""

import random
import struct
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging" / "pi"))
import forgetful  # noqa: E402
from judge import Ledger  # noqa: E402
from readings import Life, Load, value  # noqa: E402

LOAD = Load("test", writers=2, sensors=3, posts_per_second=1.0)
CUT_AT = 100.0


def life(first, following, at=None):
    """All but the last post were answered; `at` says when each."""
    return Life(first, following, [(number, at(number) if at else 50.0 + number) for number in range(first, following - 1)])


def stored(*lives_of_each):
    """All that was answered, as the server should have it."""
    return {(writer, place): {number: value(place, number) for one in lives for number, _ in one.answered}
            for writer, lives in enumerate(lives_of_each) for place in range(LOAD.sensors)}


def kinds(verdict):
    return sorted({fault.partition(":")[0] for fault in verdict.faults})


def test_nothing_lost_is_no_fault():
    lives = [life(0, 11), life(0, 6)]
    verdict = Ledger(LOAD, None).judge(lives, CUT_AT, stored([lives[0]], [lives[1]]))
    assert (verdict.faults, verdict.answered, verdict.forgiven, verdict.half_posts) == ([], 45, 0, 0)


def test_an_unanswered_post_may_be_there_or_not():
    lives = [life(0, 11), life(0, 6)]
    found = stored([lives[0]], [lives[1]])
    found[0, 1][10] = value(1, 10)
    verdict = Ledger(LOAD, None).judge(lives, CUT_AT, found)
    assert verdict.faults == []
    assert verdict.half_posts == 1


def test_one_lost_reading_is_noticed():
    lives = [life(0, 11), life(0, 6)]
    found = stored([lives[0]], [lives[1]])
    del found[1, 2][4]
    verdict = Ledger(LOAD, None).judge(lives, CUT_AT, found)
    assert verdict.faults == ["answered, but lost: 1 readings of sensor (1, 2), first 4"]


def test_a_series_that_is_not_there_at_all_is_noticed():
    lives = [life(0, 11), life(0, 6)]
    found = stored([lives[0]], [lives[1]])
    del found[0, 0]
    assert kinds(Ledger(LOAD, None).judge(lives, CUT_AT, found)) == ["answered, but lost"]


def test_within_the_period_it_is_forgiven_and_counted():
    one, other = life(0, 11, at=lambda number: CUT_AT - 10.4 + number), life(0, 1)
    found = stored([one], [other])
    for place in range(LOAD.sensors):
        found[0, place] = {}
    verdict = Ledger(LOAD, 10.5).judge([one, other], CUT_AT, found)
    assert verdict.faults == []
    assert verdict.forgiven == 30
    assert verdict.oldest_forgiven_s == pytest.approx(10.4)


def test_beyond_the_period_it_is_not_forgiven():
    one, other = life(0, 11, at=lambda number: CUT_AT - 10.6 + number), life(0, 1)
    found = stored([one], [other])
    for place in range(LOAD.sensors):
        found[0, place] = {}
    verdict = Ledger(LOAD, 10.5).judge([one, other], CUT_AT, found)
    assert kinds(verdict) == ["answered, but lost"]
    assert len(verdict.faults) == LOAD.sensors


def test_a_gap_is_not_forgiven():
    """What came later is there: it was lost out of turn."""
    one, other = life(0, 11, at=lambda number: CUT_AT - 5), life(0, 1)
    found = stored([one], [other])
    del found[0, 1][6]
    assert kinds(Ledger(LOAD, 10.5).judge([one, other], CUT_AT, found)) == ["lost although later ones are there"]


def test_a_wrong_value_and_an_invented_reading_are_noticed():
    lives = [life(0, 11), life(0, 6)]
    found = stored([lives[0]], [lives[1]])
    found[0, 0][3] += 1e-12
    found[1, 0][6] = value(0, 6)
    found[7, 0] = {0: 0.0}
    assert kinds(Ledger(LOAD, None).judge(lives, CUT_AT, found)) == ["another value than was sent", "never sent, or lost before", "of no writer"]


def test_what_was_found_once_must_stay_and_what_was_lost_must_not_come_back():
    ledger = Ledger(LOAD, 10.5)
    first = [life(0, 11, at=lambda number: CUT_AT - 1), life(0, 6)]
    found = stored([first[0]], [first[1]])
    for place in range(LOAD.sensors):
        found[0, place] = {number: what for number, what in found[0, place].items() if number < 5}  # the rest is forgiven
    assert ledger.judge(first, CUT_AT, found).faults == []

    second = [life(11, 21), life(6, 9)]
    later = stored(second[:1], [first[1], second[1]])
    for place in range(LOAD.sensors):
        later[0, place] |= found[0, place]
    assert Ledger.judge(ledger, second, CUT_AT + 60, later).faults == []

    third = [life(21, 22), life(9, 10)]
    del later[0, 2][3]
    later[0, 1][7] = value(1, 7)
    assert kinds(ledger.judge(third, CUT_AT + 120, later)) == ["found after an earlier cut, and now lost", "never sent, or lost before"]


def write_log(path, *writes):
    """As QEMU's blklogwrites makes it; a write is (sector, flags, data)."""
    with open(path, "wb") as log:
        log.write(struct.pack("<QQQI", forgetful.MAGIC, 1, 0, 512).ljust(512, b"\0"))
        for sector, flags, data in writes:
            log.write(struct.pack("<QQQQ", sector, len(data) // 512, flags, 0).ljust(512, b"\0") + data)


def sectors(letter, count=1):
    return letter.encode() * 512 * count


def test_the_forgetful_card_keeps_what_was_flushed_and_forgets_some_of_the_rest(tmp_path):
    card, log = tmp_path / "card", tmp_path / "log"
    write_log(log, (0, 0, sectors("a", 2)), (0, forgetful.FLUSH, b""), (1, 0, sectors("b", 3)), (3, forgetful.FORCED, sectors("c")))
    seen = set()
    for seed in range(200):
        card.write_bytes(sectors(".", 5))
        _, safe, at_risk = forgetful.forget(card, log, random.Random(seed))
        assert (safe, at_risk) == (2, 2)
        left = card.read_bytes()
        assert left[:512] == sectors("a")
        assert left[4 * 512:] == sectors(".")
        seen.add("".join(chr(left[place * 512]) for place in range(5)))
    assert "aa.c." in seen, "nothing was forgotten"
    assert "abbc." in seen, "nothing was kept"
    assert "ab.c." in seen, "no write was torn"
    assert seen <= {f"a{one}{two}{three}." for one in "ab" for two in ".b" for three in "bc."}


def test_a_write_log_that_ends_in_the_middle_is_read_so_far(tmp_path):
    log = tmp_path / "log"
    write_log(log, (0, 0, sectors("a")), (1, 0, sectors("b", 4)))
    log.write_bytes(log.read_bytes()[:-700])
    with open(log, "rb") as file:
        assert [offset for offset, _, _ in forgetful.entries(file)] == [0]


def test_what_is_no_write_log_is_refused(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(sectors("x", 4))
    with open(log, "rb") as file, pytest.raises(ValueError, match="no write log"):
        list(forgetful.entries(file))
