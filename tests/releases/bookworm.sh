#!/bin/bash
# SPDX-License-Identifier: MIT
exec "$(dirname "$0")/../lib/release.sh" bookworm
