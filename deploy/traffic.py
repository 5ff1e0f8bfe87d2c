"""Read from `gcloud run services describe --format=json` who gets the visitors.

traffic.py serving    the revision with the largest part of the traffic
traffic.py tag NAME   the revision with that tag, and its own address
Prints nothing where there is none.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    targets = json.load(sys.stdin).get("status", {}).get("traffic", [])
    if sys.argv[1] == "serving":
        served = [target for target in targets if target.get("percent")]
        if served:
            print(max(served, key=lambda target: target["percent"])["revisionName"])
    else:
        for target in targets:
            if target.get("tag") == sys.argv[2]:
                print(target["revisionName"], target["url"])


if __name__ == "__main__":
    main()
