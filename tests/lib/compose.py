#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""compose.py DIRECTORY: say what is wrong with compose.yaml there, by itself
and beside commands.sh.
"""
import os
import re
import sys

import yaml

directory = sys.argv[1]
with open(os.path.join(directory, "compose.yaml")) as file:
    compose = yaml.safe_load(file)
with open(os.path.join(directory, "commands.sh")) as file:
    script = file.read().replace("\\\n", " ")

for name, service in compose["services"].items():
    image = service["image"]
    run = [line for line in script.splitlines()
           if " run " in line and re.search(rf"\s{re.escape(image)}(\s|$)", line)]
    if not run:
        print(f"{name}: commands.sh does not run {image}")
        continue
    build = service.get("build")
    if build:
        base = os.path.join(directory, build["context"])
        if not os.path.isfile(os.path.join(base, build["dockerfile"])):
            print(f"{name}: no {build['dockerfile']}")
        file = os.path.basename(build["dockerfile"])
        if f"build -t {image} -f {file} {build['context']}\n" not in script:
            print(f"{name}: commands.sh does not build it")
    for network in service["networks"]:
        if network not in compose["networks"]:
            print(f"{name}: no network {network}")
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        if source.startswith("./"):
            if not os.path.isfile(os.path.join(directory, source)):
                print(f"{name}: no file {source}")
            volume = volume.replace("./", "$PWD/", 1)
        elif source not in compose["volumes"]:
            print(f"{name}: no volume {source}")
        if not re.search(rf'-v "?{re.escape(volume)}"?\s', run[-1]):
            print(f"{name}: commands.sh does not mount {volume}")
    for port in service.get("ports", []):
        if f"-p {port} " not in run[-1]:
            print(f"{name}: commands.sh does not open {port}")
    for capability in service.get("cap_add", []):
        if f"--cap-add {capability} " not in run[-1]:
            print(f"{name}: commands.sh does not add {capability}")
    if service.get("read_only", False) != ("--read-only " in run[-1]):
        print(f"{name}: commands.sh differs in --read-only")
for volume in compose["volumes"]:
    if not any(mount.split(":")[0] == volume
               for service in compose["services"].values()
               for mount in service["volumes"]):
        print(f"nobody mounts {volume}")
subnet = compose["networks"]["dns"]["ipam"]["config"][0]["subnet"]
for file in "commands.sh", "pdns-tlsa.yaml":
    with open(os.path.join(directory, file)) as text:
        if subnet not in text.read():
            print(f"{file}: another network than {subnet}")
