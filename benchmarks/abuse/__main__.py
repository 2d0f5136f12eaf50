"""python3 -m abuse ATTACK: attacks a server on 127.0.0.1 for some seconds and prints what was done as JSON.

For a server of one's own: the addresses of the attacks are those of this machine alone."""

import argparse
import json
import resource

from . import floods, slow
from .attacker import Attacker

ATTACKS = {attack.__name__.replace("_", "-"): attack for attack in (
    floods.rapid_reset, floods.made_you_reset, floods.made_you_reset_in_turns, floods.resets_unread, floods.answers_unread,
    floods.continuations, floods.large_continuations, floods.pings, floods.settings, floods.settings_unread, floods.empty_data,
    floods.padding, floods.empty_headers, floods.trailers, floods.priorities, floods.window_updates, floods.unknown_frames, floods.goaways,
    floods.hpack_bomb, floods.requests, slow.zero_window, slow.one_byte_windows, slow.slow_tls_reader, slow.slow_body,
    slow.slow_http2_bodies, slow.half_handshakes, slow.handshakes, slow.connections, slow.connections_again_and_again, slow.events_unread,
    slow.zip_bombs)}


def main():
    parser = argparse.ArgumentParser(prog="python3 -m abuse", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("attack", choices=sorted(ATTACKS), metavar="ATTACK", help="one of: " + ", ".join(sorted(ATTACKS)))
    parser.add_argument("--port", type=int, required=True, help="of TLS")
    parser.add_argument("--plain-port", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--token", default="", help="that may write")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    attacker = Attacker(options.port, options.plain_port, options.seconds, options.token)
    ATTACKS[options.attack](attacker)
    print(json.dumps({"attack": options.attack, **attacker.told()}))


if __name__ == "__main__":
    main()
