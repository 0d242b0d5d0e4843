#!/bin/bash
# SPDX-License-Identifier: MIT
# The programs of Debian 12 are those of `make check` in .ci/run.
export PROGRAMS=${PROGRAMS-}
exec "$(dirname "$0")/../lib/release.sh" bookworm
