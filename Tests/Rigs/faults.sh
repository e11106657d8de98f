#!/usr/bin/env bash
# The cameras that need no driver, with the faults of real ones by their URLs.
# usage: faults.sh INSPECT
set -uo pipefail
INSPECT=$1
. "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
cd "$(mktemp -d)"
"$INSPECT" synth board -n 12 -o pictures --seed 5 >/dev/null
faults='drop=0.2&corrupt=0.1&incomplete=0.1&unplug=15&stall=30,0.3'
for camera in "synthetic:board?size=320x256&fps=100" "folder:pictures?loop=1"; do
  kind=${camera%%:*}
  grab "$kind, all faults" 60 "$camera&$faults"
  for key in dropped corrupt incomplete; do
    expect "$kind: $(field "$summary" $key) $key" "$(field "$summary" $key)" -gt 0
  done
  expect "$kind: unplugged" "$(grep -c unplugged grab.log)" = 1
done
echo garbage >"$(ls pictures/*.png | head -n 1)"
grab "folder, a broken file" 11 "folder:pictures"
expect "folder: one damaged" "$(field "$summary" corrupt)" = 1

# A recording is played as it was taken.
grab "recorded" 5 "synthetic:board?size=320x256&fps=10" -o film
grab "played" 5 "folder:film?timing=recorded"
rate=$(field "$summary" fps)
expect "played: $rate a second" "${rate%.*}" -ge 8 -a "${rate%.*}" -le 11
finish
