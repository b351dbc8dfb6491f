"""Reads dashboards with Grafana's own types and writes them again: what is lost on the way, this Grafana does not know.

Usage: grafana_types.py FOLDER_OF_THE_SDK < {"NAME": DASHBOARD} > {"NAME": ["PATH lost VALUE"]}
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from grafana_foundation_sdk.cog.encoder import JSONEncoder  # noqa: E402
from grafana_foundation_sdk.cog.plugins import register_default_plugins  # noqa: E402
from grafana_foundation_sdk.models.dashboard import Dashboard  # noqa: E402


def differences(given, again, path):
    if isinstance(given, dict) and isinstance(again, dict):
        for key in sorted(given.keys() | again.keys()):
            if key not in again:
                yield f"{path}.{key} lost {json.dumps(given[key])}"
            elif key not in given:
                yield f"{path}.{key} added {json.dumps(again[key])}"
            else:
                yield from differences(given[key], again[key], f"{path}.{key}")
    elif isinstance(given, list) and isinstance(again, list) and len(given) == len(again):
        for i, pair in enumerate(zip(given, again)):
            yield from differences(*pair, f"{path}[{i}]")
    elif given != again:
        yield f"{path} {json.dumps(given)} became {json.dumps(again)}"


register_default_plugins()
found = {}
for name, given in json.load(sys.stdin).items():
    again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(given)))
    found[name] = list(differences(given, again, name))
json.dump(found, sys.stdout)
