#!/usr/bin/env bash
# GigE Vision against Aravis' fake camera, in a network of its own (unshare -n).
# usage: unshare -n gige.sh INSPECT
set -uo pipefail
INSPECT=$1
. "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
cd "$(mktemp -d)"
ip link set lo up
ip addr add 127.0.0.2/8 dev lo

fake() { # fake ADDRESS SERIAL: its process in $camera
  arv-fake-gv-camera-0.8 -i "$1" -s "$2" >/dev/null 2>&1 &
  camera=$!
  sleep 1
}
fake 127.0.0.2 RIG2
second=$camera
fake 127.0.0.1 RIG1
trap 'kill -KILL $camera $second 2>/dev/null' EXIT

found=$("$INSPECT" camera list --json)
for serial in RIG1 RIG2; do
  case "$found" in *"gige:$serial"*) ok "discovery: $serial" ;; *) bad "discovery: $found" ;; esac
done

grab "large pictures" 100 "gige:RIG1?format=Mono8&roi=0,0,2048x2048&fps=25"
expect "large pictures: none lost" "$(field "$summary" dropped)" = 0
for format in Mono8 Mono16 RGB8 BayerRG8 BayerGB8; do
  grab "$format" 5 "gige:RIG1?format=$format&roi=0,0,512x512"
  expect "$format: that format" "$(field "$summary" format)" = $format
done
grab "software trigger" 200 "gige:127.0.0.1?format=Mono8&roi=64,64,256x256&trigger=software"
expect "software trigger: none lost" "$(field "$summary" dropped)" = 0

small='?format=Mono8&roi=0,0,256x256&fps=50'
"$INSPECT" camera grab "gige:RIG2$small" -n 100 --json >second.json 2>/dev/null &
other=$!
grab "two at once" 100 "gige:RIG1$small"
wait $other
summary=$(tail -n 1 second.json)
expect "two at once: the other" "$(field "$summary" delivered)" = 100

"$INSPECT" camera grab "gige:RIG1$small" -n 200 >/dev/null 2>&1 &
other=$!
sleep 1
refused "second client" 4 "another program controls" "$INSPECT" camera grab "gige:RIG1$small"
wait $other

pause() { kill -STOP $camera; sleep 2; kill -CONT $camera; }
grab_during "a silent camera" 200 "gige:RIG1$small" pause
case "$(cat grab.log)" in *"no sign of life"*) ok "silence is noticed" ;; *) bad "silence" ;; esac
restart() { kill -KILL $camera; sleep 1; fake 127.0.0.1 RIG1; }
grab_during "a camera that comes back" 200 "gige:RIG1$small" restart

# The fake camera begins to count near 65400: numbers have begun anew by now.
grab "numbers go on" 300 "gige:RIG1$small"
refused "unknown format" 2 "it has" "$INSPECT" camera grab "gige:RIG1?format=Mono12"
refused "unknown camera" 4 "not found" "$INSPECT" camera grab "gige:NOBODY"
finish
