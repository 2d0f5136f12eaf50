"""A card that forgets in a power cut what it was not told to keep. QEMU's write log (driver blklogwrites) has each write and each flush
in their order: all before the last flush is on the card; of each later sector, chance decides whether it got there."""

import struct

MAGIC = 0x6A736677736872
HEADER_BYTES = 512
FLUSH, FORCED, DISCARD = 1, 2, 4
SECTOR = 512
WAYS = ("none of it", "some sectors of it", "some writes of it", "all of it up to some write")


def entries(log):
    """(sector, flags, data) of each write in the log, as far as it reaches."""
    head = log.read(HEADER_BYTES)
    magic, _, _, unit = struct.unpack_from("<QQQI", head)
    if magic != MAGIC:
        raise ValueError("this is no write log")
    log.seek(unit)
    while True:
        header = log.read(unit)
        if len(header) < 32:
            return
        sector, sectors, flags, _ = struct.unpack_from("<QQQQ", header)
        if not sectors and not flags:  # the log is a new file: where nothing was written there are zeros
            return
        wanted = 0 if flags & DISCARD else sectors * unit
        data = log.read(wanted)
        if len(data) < wanted:  # the power went while it was noted
            return
        yield sector * unit, flags, data


def forget(card, log_path, random):
    """Brings the card from what it was before the log to what is left after the cut. (way, writes kept for sure, writes at risk)"""
    with open(log_path, "rb") as log:
        done = list(entries(log))
    flushes = [place for place, (_, flags, _) in enumerate(done) if flags & FLUSH]
    safe = flushes[-1] + 1 if flushes else 0
    at_risk = done[safe:]
    way = random.choice(WAYS)
    until = random.randint(0, len(at_risk))
    with open(card, "r+b") as image:
        for offset, _, data in done[:safe]:
            _write(image, offset, data)
        for place, (offset, flags, data) in enumerate(at_risk):
            if flags & FORCED:
                _write(image, offset, data)
            elif way == WAYS[1]:
                for start in range(0, len(data), SECTOR):
                    if random.random() < 0.5:
                        _write(image, offset + start, data[start:start + SECTOR])
            elif (way == WAYS[2] and random.random() < 0.5) or (way == WAYS[3] and place < until):
                _write(image, offset, data)
    return way, safe, len(at_risk)


def _write(image, offset, data):
    image.seek(offset)
    image.write(data)
